package io.limiter.server.store.redis;

import io.limiter.algorithm.Limit;
import io.limiter.script.DrawArguments;
import io.limiter.script.ReleaseArguments;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.LeaseSource.Drawn;
import io.limiter.server.store.LeaseSource.Unused;
import io.limiter.server.store.StoreException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Charges counters ahead of need and gives back, by scripts of their own, a call each. */
final class LeaseCalls {
  private static final int MOST_TRIES = 3;

  private final Caller caller;

  /** About the time by Redis: that of the newest draw. Calendar windows are sent for it. */
  private volatile long lastMicros;

  /** How a script is called. */
  interface Caller {
    CompletionStage<Reply> call(Scripts.Script script, List<String> keys, List<String> arguments);
  }

  LeaseCalls(Caller caller) {
    this.caller = caller;
  }

  CompletionStage<Drawn> draw(String key, Limit limit, long most) {
    return draw(key, limit, most, lastMicros, 1);
  }

  private CompletionStage<Drawn> draw(
      String key, Limit limit, long most, long aroundMicros, int tries) {
    return caller
        .call(Scripts.STANDARD.draw(), List.of(key), DrawArguments.of(limit, most, aroundMicros))
        .thenCompose(reply -> read(reply, key, limit, most, tries));
  }

  private CompletionStage<Drawn> read(Reply reply, String key, Limit limit, long most, int tries) {
    long now = reply.nextNumber();
    lastMicros = now;
    Reply.Code code = reply.nextCode();
    if (code == Reply.Code.ADMITTED) {
      long tokens = reply.nextNumber();
      long remaining = reply.nextNumber();
      long reset = reply.nextNumber();
      return CompletableFuture.completedStage(
          new Drawn(tokens, remaining, reset, /* windowEndMicros= */ reply.nextNumber(), now));
    }
    if (code == Reply.Code.NEEDS_WINDOW && tries < MOST_TRIES) {
      // Nothing was charged: the windows around the time that the script names are sent instead.
      return draw(key, limit, most, reply.nextNumber(), tries + 1);
    }
    return CompletableFuture.failedStage(
        new StoreException(
            StoreException.Kind.BUG,
            "the Redis key %s cannot be drawn from: %s".formatted(key, code),
            null));
  }

  CompletionStage<Integer> giveBack(List<Unused> unused) {
    ReleaseArguments call = new ReleaseArguments();
    for (Unused one : unused) {
      call.counter(
          one.key(), one.algorithm(), one.tokens(), one.windowEndMicros(), one.notAfterMicros());
    }
    return caller
        .call(Scripts.STANDARD.release(), call.keys(), call.arguments())
        .thenApply(reply -> (int) reply.nextNumber());
  }
}
