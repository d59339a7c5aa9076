package io.limiter.jmh;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Our own store, asked as the service asks it, but by callers that wait. */
final class StorePeer implements PeerLimiter {
  /** So long that no question is given up: one that is would be cheap, and count as fast. */
  private static final Duration DEADLINE = Duration.ofSeconds(1);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static final Limit LIMIT =
      TokenBucket.of(Peer.RATE, TimeUnit.NANOSECONDS.toMicros(Peer.PERIOD.toNanos()), Peer.RATE);

  private final List<String> keys;
  private final RedisCounterStore store;

  StorePeer(String redis, List<String> keys) {
    this.keys = keys;
    store = RedisCounterStore.connect(RedisSettings.of(redis, DEADLINE), StoreListener.NONE);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!answers()) {
      if (System.nanoTime() - end > 0) {
        store.close();
        throw new IllegalStateException("no answer of %s within %s".formatted(redis, PATIENCE));
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** As the service does before it opens its port: the first questions load classes, and wait. */
  private boolean answers() {
    try {
      return asked(0, 0);
    } catch (CompletionException notYet) {
      return false;
    }
  }

  @Override
  public boolean admits(int key) {
    return asked(key, 1);
  }

  private boolean asked(int key, long cost) {
    Charge charge = new Charge.Whole(List.of(new Charge.Entry(keys.get(key), LIMIT, cost)));
    Answer answer = store.decide(charge).toCompletableFuture().join();
    return answer instanceof Answer.Decided decided && decided.admitted();
  }

  @Override
  public void close() {
    store.close();
  }
}
