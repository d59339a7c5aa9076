package io.limiter.server.api;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The calls of one kind that are under way. They are no questions, wait in no queue, and may each
 * cost as much as many questions: so only a few are taken on at a time.
 */
final class UnderWay {
  private final String kind;
  private final int most;
  private final AtomicInteger count = new AtomicInteger();

  /**
   * None yet.
   *
   * @param kind what they are called
   * @param most how many there may be, 1 or more
   */
  UnderWay(String kind, int most) {
    this.kind = kind;
    this.most = most;
  }

  /** Makes a call, unless too many are under way, and tells how it ended. */
  <T> void complete(Supplier<CompletionStage<T>> call, ResponseCallback<T> callback) {
    if (count.incrementAndGet() > most) {
      count.decrementAndGet();
      callback.onFailure(
          Failures.overloaded(
              "%d %s are under way in this instance, as many as may; ask again in 50 ms"
                  .formatted(most, kind)));
      return;
    }
    CompletionStage<T> stage;
    try {
      stage = call.get();
    } catch (RuntimeException failure) {
      count.decrementAndGet();
      callback.onFailure(Failures.status(failure));
      return;
    }
    stage.whenComplete(
        (response, failure) -> {
          count.decrementAndGet();
          if (failure == null) {
            callback.onResponse(response);
          } else {
            callback.onFailure(Failures.status(failure));
          }
        });
  }
}
