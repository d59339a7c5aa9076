package io.limiter.script;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The scripts in a real Redis, with the time given from outside.
 *
 * <p>Redis expires keys by its own clock, which goes on while the time of a trace stands. So each
 * step runs in a transaction, in which nothing expires, and takes the TTL that the script set,
 * checks it later, and makes the key persist.
 */
final class ScriptUnderTest implements AutoCloseable {
  private static final Scripts SCRIPTS = Scripts.withClock(clock());
  private static final Scripts.Script OVERCHARGE = overcharge();

  private final RedisClient client;
  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final RedisAsyncCommands<byte[], byte[]> redis;
  private final List<RedisFuture<?>> sent = new ArrayList<>();
  private boolean declares;

  ScriptUnderTest(String uri) {
    client = RedisClient.create(uri);
    connection = client.connect(ByteArrayCodec.INSTANCE);
    connection.setTimeout(Duration.ofMinutes(5));
    redis = connection.async();
    connection.sync().flushall();
    SCRIPTS.all().forEach(script -> connection.sync().scriptLoad(bytes(script.source())));
    connection.sync().scriptLoad(bytes(OVERCHARGE.source()));
    connection.setAutoFlushCommands(false);
  }

  /** All algorithms, and how each is charged beyond its limit. */
  private static Scripts.Script overcharge() {
    List<String> texts = new ArrayList<>(List.of(clock(), ScriptSource.read("script/prelude")));
    Algorithm.scripts().forEach(name -> texts.add(ScriptSource.algorithm(name, false)));
    texts.add(ScriptSource.read("script/overcharging"));
    for (String name : Algorithm.scripts()) {
      texts.add(ScriptSource.read("algorithm/" + name + "_overcharging"));
    }
    texts.add(ScriptSource.read("script/rows"));
    texts.add(resource("/overcharge.lua"));
    return new Scripts.Script(ScriptSource.inlined(String.join("\n", texts)));
  }

  private static String clock() {
    return resource("/test_clock.lua");
  }

  private static String resource(String path) {
    try (InputStream in = ScriptUnderTest.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What one step left: the script's reply, the TTLs it set, and what is stored now. */
  record Ran(
      RedisFuture<Object> reply,
      List<RedisFuture<Long>> ttls,
      List<RedisFuture<?>> stored,
      RedisFuture<List<byte[]>> before,
      RedisFuture<List<byte[]>> after) {

    /** How long the step took at most by the clock of Redis, in milliseconds, rounded up. */
    long tookMillis() {
      return millis(after) - millis(before) + 1;
    }

    private static long millis(RedisFuture<List<byte[]>> time) {
      List<byte[]> parts = now(time);
      return Long.parseLong(text(parts.get(0))) * 1_000
          + Long.parseLong(text(parts.get(1))) / 1_000;
    }
  }

  static <T> T now(RedisFuture<T> future) {
    return future.toCompletableFuture().join();
  }

  /** The reply of a script that replies with one integer. */
  static long number(RedisFuture<Object> reply) {
    return (Long) ((List<?>) now(reply)).get(0);
  }

  static String text(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }

  /**
   * Asks `decide`, every second time without declaring its keys; `watched` are the keys whose TTL
   * and stored form are wanted.
   */
  Ran decide(DecideArguments call, long nowMicros, List<String> watched, Algorithm... forms) {
    declares = !declares;
    List<String> arguments = new ArrayList<>(declares ? call.arguments() : call.undeclared());
    arguments.add(Long.toString(nowMicros));
    List<String> keys = declares ? call.keys() : List.of();
    return run(SCRIPTS.decide(call), keys, arguments, watched, forms);
  }

  /** Asks `charged`, and waits. */
  List<String> charged(String receiptKey) {
    RedisFuture<List<Object>> keys =
        redis.evalsha(SCRIPTS.charged().sha(), ScriptOutputType.MULTI, bytes(receiptKey));
    connection.flushCommands();
    return now(keys).stream().map(ScriptUnderTest::text).toList();
  }

  /** Asks `refund`; `charged` are the counters that the receipt's record names. */
  Ran refund(
      String receiptKey,
      List<String> charged,
      long nowMicros,
      List<String> watched,
      Algorithm... forms) {
    List<String> keys = new ArrayList<>(List.of(receiptKey));
    keys.addAll(charged);
    return run(SCRIPTS.refund(), keys, List.of(Long.toString(nowMicros)), watched, forms);
  }

  /** Asks `draw` for one counter. */
  Ran draw(String key, List<String> arguments, long nowMicros, Algorithm form) {
    List<String> timed = new ArrayList<>(arguments);
    timed.add(Long.toString(nowMicros));
    return run(SCRIPTS.draw(), List.of(key), timed, List.of(key), form);
  }

  /** Asks `release`. */
  Ran release(ReleaseArguments call, long nowMicros, List<String> watched, Algorithm... forms) {
    List<String> arguments = new ArrayList<>(call.arguments());
    arguments.add(Long.toString(nowMicros));
    return run(SCRIPTS.release(), call.keys(), arguments, watched, forms);
  }

  /** Asks `settle`. */
  Ran settle(SettleArguments call, long nowMicros, List<String> watched, Algorithm... forms) {
    List<String> arguments = new ArrayList<>(call.arguments());
    arguments.add(Long.toString(nowMicros));
    return run(SCRIPTS.settle(), call.keys(), arguments, watched, forms);
  }

  /** Charges one counter beyond its limit, unless the cost is 0; then asks what it owes. */
  Ran overcharge(
      String key, Limit limit, long aroundMicros, long cost, long nowMicros, Algorithm... forms) {
    List<String> arguments = new ArrayList<>(List.of("1"));
    Rows.add(limit, aroundMicros, arguments);
    arguments.add(Long.toString(cost));
    arguments.add(Long.toString(nowMicros));
    return run(OVERCHARGE, List.of(key), arguments, List.of(key), forms);
  }

  /** Asks `observe`. */
  Ran observe(List<String> keys, ObserveArguments said, long nowMicros, List<String> watched) {
    List<String> arguments = new ArrayList<>(said.arguments());
    arguments.add(Long.toString(nowMicros));
    return run(SCRIPTS.observe(), keys, arguments, watched);
  }

  /** Asks `claim`. */
  Ran claim(ClaimArguments call, long nowMicros, List<String> watched) {
    List<String> arguments = new ArrayList<>(call.arguments());
    arguments.add(Long.toString(nowMicros));
    return run(SCRIPTS.claim(), call.keys(), arguments, watched);
  }

  private Ran run(
      Scripts.Script script,
      List<String> keys,
      List<String> arguments,
      List<String> watched,
      Algorithm... forms) {
    sent.add(redis.multi());
    RedisFuture<List<byte[]>> before = redis.time();
    RedisFuture<Object> reply =
        redis.evalsha(
            script.sha(),
            ScriptOutputType.OBJECT,
            keys.stream().map(ScriptUnderTest::bytes).toArray(byte[][]::new),
            arguments.stream().map(ScriptUnderTest::bytes).toArray(byte[][]::new));
    List<RedisFuture<Long>> ttls = new ArrayList<>();
    List<RedisFuture<?>> stored = new ArrayList<>();
    for (int i = 0; i < watched.size(); i++) {
      byte[] key = bytes(watched.get(i));
      ttls.add(redis.pttl(key));
      sent.add(redis.persist(key));
      if (i < forms.length) {
        stored.add(forms[i] == Algorithm.SLIDING_LOG ? redis.lrange(key, 0, -1) : redis.get(key));
      }
    }
    RedisFuture<List<byte[]>> after = redis.time();
    sent.add(redis.exec());
    return new Ran(reply, ttls, stored, before, after);
  }

  void delete(String key) {
    sent.add(redis.del(bytes(key)));
  }

  /** Sends everything asked so far and waits until it is answered. */
  void flush() {
    connection.flushCommands();
    sent.forEach(ScriptUnderTest::now);
    sent.clear();
  }

  /** The same where the script is refused: then the transaction's own reply is of no use. */
  void flushRefused() {
    connection.flushCommands();
    sent.forEach(future -> future.toCompletableFuture().handle((done, failure) -> done).join());
    sent.clear();
  }

  /** A stored form as {@link StoredForm} gives it. */
  static List<String> hex(Object stored) {
    Stream<?> parts = stored instanceof List<?> list ? list.stream() : Stream.ofNullable(stored);
    return parts.map(part -> HexFormat.of().formatHex((byte[]) part)).toList();
  }

  /** A reply as the server reads it. */
  static Reply reply(Object elements) {
    Reply reply = new Reply();
    for (Object element : (List<?>) elements) {
      if (element instanceof Long number) {
        reply.add(number);
      } else {
        reply.add(text(element));
      }
    }
    return reply;
  }

  @Override
  public void close() {
    connection.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
