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
  private final ScriptCalls scripts;
  private final RedisTime time;

  LeaseCalls(ScriptCalls scripts, RedisTime time) {
    this.scripts = scripts;
    this.time = time;
  }

  CompletionStage<Drawn> draw(String key, Limit limit, long most) {
    return draw(key, limit, most, time.windows());
  }

  private CompletionStage<Drawn> draw(
      String key, Limit limit, long most, RedisTime.Windows windows) {
    return scripts
        .call(
            Scripts.STANDARD.draw(),
            List.of(key),
            DrawArguments.of(limit, most, windows.aroundMicros()))
        .thenCompose(reply -> read(reply, key, limit, most, windows));
  }

  private CompletionStage<Drawn> read(
      Reply reply, String key, Limit limit, long most, RedisTime.Windows windows) {
    long now = reply.nextNumber();
    time.saw(now);
    Reply.Code code = reply.nextCode();
    if (code == Reply.Code.ADMITTED) {
      long tokens = reply.nextNumber();
      long remaining = reply.nextNumber();
      long reset = reply.nextNumber();
      return CompletableFuture.completedStage(
          new Drawn(tokens, remaining, reset, /* windowEndMicros= */ reply.nextNumber(), now));
    }
    if (code == Reply.Code.NEEDS_WINDOW && windows.mayRepeat()) {
      return draw(key, limit, most, windows.repeat(reply.nextNumber()));
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
    return scripts
        .call(Scripts.STANDARD.release(), call.keys(), call.arguments())
        .thenApply(reply -> (int) reply.nextNumber());
  }
}
