package io.limiter.server.api;

import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One batch under way. Its responses come in any order and on any thread, and leave together in the
 * order of its entries.
 */
final class BatchCall {
  private final CheckAndConsumeResponse[] responses;
  private final ResponseCallback<CheckAndConsumeBatchResponse> callback;

  /** One more than the responses that are missing, so that nothing leaves before all is asked. */
  private final AtomicInteger missing;

  BatchCall(int entries, ResponseCallback<CheckAndConsumeBatchResponse> callback) {
    this.responses = new CheckAndConsumeResponse[entries];
    this.callback = callback;
    this.missing = new AtomicInteger(entries + 1);
  }

  /** Asks everything at once, in order: so the questions share what is sent to the counters. */
  void ask(List<CheckAndConsumeRequest> entries, long waitNanos, RateLimiterApi api) {
    for (int i = 0; i < responses.length; i++) {
      int at = i;
      api.checkEntry(
          entries.get(i),
          waitNanos,
          response -> {
            responses[at] = response;
            countDown();
          });
    }
    countDown();
  }

  private void countDown() {
    if (missing.decrementAndGet() == 0) {
      callback.onResponse(
          CheckAndConsumeBatchResponse.newBuilder()
              .addAllResponses(Arrays.asList(responses))
              .build());
    }
  }
}
