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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Our own store, asked as the service asks it, but by callers that wait. */
final class StorePeer implements PeerLimiter {
  /** So long that no question is given up: one that is would be cheap, and count as fast. */
  private static final Duration DEADLINE = Duration.ofSeconds(1);

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  static final Limit LIMIT =
      TokenBucket.of(Peer.RATE, TimeUnit.NANOSECONDS.toMicros(Peer.PERIOD.toNanos()), Peer.RATE);

  private final List<String> keys;
  private final RedisCounterStore store;

  StorePeer(String redis, List<String> keys) {
    this.keys = keys;
    store = RedisCounterStore.connect(RedisSettings.of(redis, DEADLINE), StoreListener.NONE);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!store.connected()) {
      if (System.nanoTime() - end > 0) {
        store.close();
        throw new IllegalStateException("no connection to %s within %s".formatted(redis, PATIENCE));
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public boolean admits(int key) {
    Charge charge =
        new Charge(List.of(new Charge.Entry(keys.get(key), LIMIT, 1)), false, false, null);
    Answer answer = store.decide(charge).toCompletableFuture().join();
    return answer instanceof Answer.Decided decided && decided.admitted();
  }

  @Override
  public void close() {
    store.close();
  }
}
