package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.fair.Caller;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Charges;
import io.limiter.server.store.StoreException;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store on a Redis, and a second way into that Redis to look at what it holds. */
final class StoreOnRedis implements AutoCloseable {
  private static final Duration PATIENCE = Patient.PATIENCE;

  private final RedisCounterStore store;
  private final RedisClient client;
  private final StatefulRedisConnection<byte[], byte[]> connection;

  StoreOnRedis(TestRedis redis) {
    this(redis, StoreListener.NONE);
  }

  StoreOnRedis(TestRedis redis, StoreListener listener) {
    this(redis, Patient.settings(redis.uri()), listener, () -> null);
  }

  /** A store whose callers have their answers told where they want them. */
  StoreOnRedis(
      TestRedis redis, StoreListener listener, Supplier<? extends @Nullable Executor> home) {
    this(redis, Patient.settings(redis.uri()), listener, home);
  }

  /** A store that gives Redis up as a service does. */
  StoreOnRedis(TestRedis redis, Duration deadline) {
    this(redis, RedisSettings.of(redis.uri(), deadline), StoreListener.NONE, () -> null);
  }

  private StoreOnRedis(
      TestRedis redis,
      RedisSettings settings,
      StoreListener listener,
      Supplier<? extends @Nullable Executor> home) {
    store = RedisCounterStore.connect(settings, listener, home, () -> Caller.NOBODY);
    client = RedisClient.create(redis.uri());
    connection = client.connect(ByteArrayCodec.INSTANCE);
    connection.setTimeout(PATIENCE);
    await(store::connected);
  }

  RedisCounterStore store() {
    return store;
  }

  RedisCommands<byte[], byte[]> redis() {
    return connection.sync();
  }

  Answer.Decided decide(Charge charge) {
    return assertInstanceOf(Answer.Decided.class, join(store.decide(charge)));
  }

  Answer.Decided decide(String key, Limit limit, long cost) {
    return decide(charge(key, limit, cost));
  }

  static Charge charge(String key, Limit limit, long cost) {
    return Charges.of(List.of(new Charge.Entry(key, limit, cost)), List.of(), false, null);
  }

  /** Everything that Redis holds: for each key its serialised value and the moment it expires. */
  Map<String, String> dump() {
    Map<String, String> all = new TreeMap<>();
    for (byte[] key : redis().keys("*")) {
      all.put(new String(key, StandardCharsets.UTF_8), HexFormat.of().formatHex(redis().dump(key)));
    }
    return all;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** What a question or another call failed with, which must be known. */
  static StoreException failure(CompletionStage<?> stage) {
    CompletionException failed = assertThrows(CompletionException.class, () -> join(stage));
    return assertInstanceOf(StoreException.class, failed.getCause());
  }

  /** Whether a store decides questions now. */
  static boolean isAnswered(RedisCounterStore store) {
    Limit plenty = FixedWindow.per(366 * 86_400_000_000L, 1L << 40);
    return join(store.decide(charge("k", plenty, 1)).handle((answer, failure) -> failure == null));
  }

  /** Waits until a condition holds; fails after a minute. */
  static void await(BooleanSupplier condition) {
    Await.until(condition);
  }

  @Override
  public void close() {
    store.close();
    connection.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
