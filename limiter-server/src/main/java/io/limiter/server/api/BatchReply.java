package io.limiter.server.api;

import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Gathers the answers to a batch, which come in any order, into the order of its questions. */
public final class BatchReply {
  private final CheckAndConsumeResponse[] replies;
  private final CompletableFuture<CheckAndConsumeBatchResponse> whole = new CompletableFuture<>();

  /** One more than the answers that are missing, so that the asking itself is waited for. */
  private final AtomicInteger missing;

  public BatchReply(int entries) {
    replies = new CheckAndConsumeResponse[entries];
    missing = new AtomicInteger(entries + 1);
  }

  /** Asks everything at once, in order: so the questions share what is sent to the counters. */
  public CompletionStage<CheckAndConsumeBatchResponse> ask(
      CheckAndConsumeBatchRequest wire, Decisions decisions) {
    List<CheckAndConsumeRequest> entries = wire.getRequestsList();
    for (int i = 0; i < replies.length; i++) {
      int at = i;
      decisions.batchEntry(
          entries.get(i),
          reply -> {
            replies[at] = reply;
            countDown();
          });
    }
    countDown();
    return whole;
  }

  private void countDown() {
    if (missing.decrementAndGet() == 0) {
      whole.complete(
          CheckAndConsumeBatchResponse.newBuilder()
              .addAllResponses(Arrays.asList(replies))
              .build());
    }
  }
}
