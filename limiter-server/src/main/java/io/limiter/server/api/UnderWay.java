package io.limiter.server.api;

import io.limiter.server.fair.FairShare;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The calls of one kind that are under way. They are no questions, wait in no queue, and may each
 * cost as much as many questions: so only a few are taken on at a time. No caller may have more
 * under way than others still may, so whoever floods this leaves it to the others.
 */
final class UnderWay {
  private final String kind;
  private final FairShare share;
  private final ConcurrentHashMap<Integer, FairShare.Holder> holders = new ConcurrentHashMap<>();

  /**
   * None yet.
   *
   * @param kind what they are called
   * @param most how many there may be, 2 or more, of which one caller alone may have half
   */
  UnderWay(String kind, int most) {
    this.kind = kind;
    share = new FairShare(most);
  }

  /** Makes a call, unless too many are under way, and tells how it ended. */
  <T> void complete(Supplier<CompletionStage<T>> call, ResponseCallback<T> callback) {
    Integer caller = callback.caller();
    if (!take(caller)) {
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
      giveBack(caller);
      callback.onFailure(Failures.status(failure));
      return;
    }
    stage.whenComplete(
        (response, failure) -> {
          giveBack(caller);
          if (failure == null) {
            callback.onResponse(response);
          } else {
            callback.onFailure(Failures.status(failure));
          }
        });
  }

  private boolean take(Integer caller) {
    boolean[] taken = new boolean[1];
    holders.compute(
        caller,
        (same, known) -> {
          FairShare.Holder holder = known == null ? share.holder() : known;
          taken[0] = holder.take(1);
          return holder.held() == 0 ? null : holder;
        });
    return taken[0];
  }

  private void giveBack(Integer caller) {
    holders.computeIfPresent(
        caller,
        (same, holder) -> {
          holder.giveBack(1);
          return holder.held() == 0 ? null : holder;
        });
  }

  /** How many callers have any under way. */
  int callers() {
    return holders.size();
  }
}
