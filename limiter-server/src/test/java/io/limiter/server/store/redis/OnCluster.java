package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A store on a Redis Cluster that a test changes; each test has its own. */
abstract class OnCluster {
  static final Limit PLENTY = FixedWindow.per(366 * 86_400_000_000L, 1L << 40);

  private @Nullable TestCluster started;
  private @Nullable RedisCounterStore connected;

  @BeforeEach
  void needsARedis() {
    assumeTrue(TestCluster.isPossible(), "needs a redis-server on the PATH");
  }

  final void start(int primaries, boolean replicas) {
    start(primaries, replicas, Optional.empty());
  }

  final void start(int primaries, boolean replicas, Optional<Duration> deadline) {
    started = TestCluster.of(primaries, replicas);
    String uri = started.uri();
    connected =
        RedisCounterStore.connect(
            deadline.map(one -> RedisSettings.of(uri, one)).orElseGet(() -> Patient.settings(uri)),
            StoreListener.NONE);
    StoreOnRedis.await(connected::connected);
  }

  final TestCluster cluster() {
    return Objects.requireNonNull(started);
  }

  final RedisCounterStore store() {
    return Objects.requireNonNull(connected);
  }

  @AfterEach
  void close() {
    if (connected != null) {
      connected.close();
    }
    if (started != null) {
      started.close();
    }
  }

  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** A counter whose tag is the number, so that others lie in other slots. */
  static String key(int tag, String name) {
    return "limiter:{" + tag + "}:" + name;
  }

  static Charge whole(boolean receipt, @Nullable String idempotencyKey, Charge.Entry... entries) {
    return new Charge.Whole(
        List.of(entries),
        receipt,
        idempotencyKey == null
            ? null
            : new Charge.Idempotency(key(1, "") + "!idempotency:" + idempotencyKey, "fingerprint"));
  }

  final Answer.Decided ask(Charge charge) {
    return assertInstanceOf(Answer.Decided.class, StoreOnRedis.join(store().decide(charge)));
  }

  final long used(String key, Limit limit) {
    long remaining =
        ask(new Charge.Whole(List.of(new Charge.Entry(key, limit, 0))))
            .outcomes()
            .get(0)
            .remaining();
    return limit.limit() - remaining;
  }

  /** What a charge fails with; null if it is decided. */
  final @Nullable StoreException failure(String key) {
    try {
      store()
          .decide(new Charge.Whole(List.of(new Charge.Entry(key, PLENTY, 1))))
          .toCompletableFuture()
          .join();
      return null;
    } catch (CompletionException failed) {
      return assertInstanceOf(StoreException.class, failed.getCause());
    }
  }
}
