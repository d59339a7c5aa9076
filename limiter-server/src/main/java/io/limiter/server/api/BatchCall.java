package io.limiter.server.api;

import io.limiter.server.access.Asker;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One batch under way. Its responses come in any order and on any thread, and leave together in the
 * order of its entries.
 */
final class BatchCall {
  /** So long one batch may keep a thread that others wait for. */
  private static final long SLICE_NANOS = 500_000;

  private final Asker who;
  private final List<CheckAndConsumeRequest> entries;
  private final long waitNanos;
  private final long askedNanos = System.nanoTime();
  private final Executor later;
  private final RateLimiterApi api;
  private final ResponseCallback<CheckAndConsumeBatchResponse> callback;
  private final CheckAndConsumeResponse[] responses;

  /** One more than the responses that are missing, so that nothing leaves before all is asked. */
  private final AtomicInteger missing;

  BatchCall(
      Asker who,
      List<CheckAndConsumeRequest> entries,
      long waitNanos,
      Executor later,
      RateLimiterApi api,
      ResponseCallback<CheckAndConsumeBatchResponse> callback) {
    this.who = who;
    this.entries = entries;
    this.waitNanos = waitNanos;
    this.later = later;
    this.api = api;
    this.callback = callback;
    this.responses = new CheckAndConsumeResponse[entries.size()];
    this.missing = new AtomicInteger(entries.size() + 1);
  }

  /** Asks everything, in order. What follows soon shares what is sent to the counters. */
  void ask() {
    askFrom(0);
  }

  private void askFrom(int first) {
    if (first > 0 && callback.isGone()) {
      return;
    }
    long start = System.nanoTime();
    for (int i = first; i < responses.length; i++) {
      if (i > first && System.nanoTime() - start > SLICE_NANOS) {
        int rest = i;
        later.execute(() -> askFrom(rest));
        return;
      }
      int at = i;
      api.checkEntry(
          who,
          entries.get(i),
          leftNanos(start),
          response -> {
            responses[at] = response;
            countDown();
          });
    }
    countDown();
  }

  private long leftNanos(long nowNanos) {
    return waitNanos == RateLimiterApi.ANY_WAIT
        ? waitNanos
        : Math.max(0, waitNanos - (nowNanos - askedNanos));
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
