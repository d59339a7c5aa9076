package io.limiter.server.store.redis;

import io.limiter.algorithm.Limit;
import io.limiter.script.DrawArguments;
import io.limiter.script.ReleaseArguments;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.LeaseSource.Prefetched;
import io.limiter.server.store.LeaseSource.Unused;
import io.limiter.server.store.StoreException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Prefetches and gives back, by scripts of their own, a call each. */
final class LeaseCalls {
  private final ScriptCaller.Calls scripts;
  private final Function<String, StoreException> refusals;
  private final RedisTime time;

  /**
   * Calls to one Redis.
   *
   * @param refusals tells what an error is that a script passed on
   */
  LeaseCalls(
      ScriptCaller.Calls scripts, Function<String, StoreException> refusals, RedisTime time) {
    this.scripts = scripts;
    this.refusals = refusals;
    this.time = time;
  }

  CompletionStage<Prefetched> prefetch(String key, Limit limit, long most) {
    return prefetch(key, limit, most, time.windows());
  }

  private CompletionStage<Prefetched> prefetch(
      String key, Limit limit, long most, RedisTime.Windows windows) {
    long sent = System.nanoTime();
    return scripts
        .call(
            Scripts.STANDARD.draw(),
            List.of(key),
            DrawArguments.of(limit, most, windows.aroundMicros()))
        .thenCompose(reply -> read(reply, sent, key, limit, most, windows));
  }

  private CompletionStage<Prefetched> read(
      Reply reply, long sent, String key, Limit limit, long most, RedisTime.Windows windows) {
    long now = reply.nextNumber();
    time.saw(now, sent, System.nanoTime());
    Reply.Code code = reply.nextCode();
    if (code == Reply.Code.ADMITTED) {
      long tokens = reply.nextNumber();
      long remaining = reply.nextNumber();
      long reset = reply.nextNumber();
      return CompletableFuture.completedStage(
          new Prefetched(tokens, remaining, reset, /* windowEndMicros= */ reply.nextNumber(), now));
    }
    if (code == Reply.Code.NEEDS_WINDOW && windows.mayRepeat()) {
      return prefetch(key, limit, most, windows.repeat(reply.nextNumber()));
    }
    if (code == Reply.Code.REFUSED) {
      return CompletableFuture.failedStage(refusals.apply(reply.nextText()));
    }
    if (code == Reply.Code.BROKEN) {
      return CompletableFuture.failedStage(ReplyDecoder.unreadable(reply.nextText()));
    }
    return CompletableFuture.failedStage(
        new StoreException(
            StoreException.Kind.INTERNAL,
            "the Redis key %s cannot be drawn from: %s".formatted(key, code),
            null));
  }

  CompletionStage<Integer> returnUnused(List<Unused> unused) {
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
