package io.limiter.server.api;

import io.limiter.server.fair.KeyedShares;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The calls of one kind that are under way. They are no questions, wait in no queue, and may each
 * cost as much as many questions: so only a few are taken on at a time. No caller may have more
 * under way than others still may, so whoever floods this leaves it to the others.
 */
final class UnderWay {
  private final String kind;
  private final KeyedShares<Integer> share;

  /**
   * None yet.
   *
   * @param kind what they are called
   * @param most how many there may be, 2 or more, of which one caller alone may have half
   */
  UnderWay(String kind, int most) {
    this.kind = kind;
    share = new KeyedShares<>(most);
  }

  /** Makes a call, unless too many are under way, and tells how it ended. */
  <T> void complete(Supplier<CompletionStage<T>> call, ResponseCallback<T> callback) {
    Integer caller = callback.caller();
    if (!share.take(caller)) {
      callback.onFailure(
          Failures.overloaded(
              "%d %s are under way in this instance, as many as may for one connection; ask again in 50 ms"
                  .formatted(share.taken(), kind)));
      return;
    }
    CompletionStage<T> stage;
    try {
      stage = call.get();
    } catch (RuntimeException failure) {
      share.giveBack(caller);
      callback.onFailure(Failures.status(failure));
      return;
    }
    stage.whenComplete(
        (response, failure) -> {
          share.giveBack(caller);
          if (failure == null) {
            callback.onResponse(response);
          } else {
            callback.onFailure(Failures.status(failure));
          }
        });
  }

  /** How many callers have any under way. */
  int callers() {
    return share.holders();
  }
}
