package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.limiter.client.CheckRequest;
import io.limiter.testing.TestRedis;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Questions that are each counted on their own, and all together, so that Redis itself says which
 * of them was charged and how often.
 */
public final class Ledgers {
  static final String RULES =
      """
      domain: once
      rules:
        - { name: each, key: [id], algorithm: fixed-window, limit: 1000000000, window: 366d }
        - { name: all, key: [], algorithm: fixed-window, limit: 1000000000, window: 366d }
      """;

  /** Of a fixed window's state: a version, two times, and then its count. */
  private static final int COUNT_AT = 17;

  private Ledgers() {}

  static CheckRequest question(long id) {
    return CheckRequest.in("once").attribute("id", Long.toString(id));
  }

  /** How often each question was charged, by its id; those that were not are absent. */
  static Map<Long, Long> charged(TestRedis redis) {
    Map<Long, Long> charged = new HashMap<>();
    long all = 0;
    for (Map.Entry<String, Long> one : counts(redis.uri(), "limiter:{once|*}:*").entrySet()) {
      String[] parts = one.getKey().split(":", -1);
      if (parts[2].equals("all")) {
        all = one.getValue();
      } else {
        charged.put(Long.parseLong(parts[4]), one.getValue());
      }
    }
    assertEquals(all, charged.values().stream().mapToLong(Long::longValue).sum());
    return charged;
  }

  /** The counts of all fixed windows whose keys match a pattern, by their keys. */
  public static Map<String, Long> counts(String uri, String pattern) {
    RedisClient client = RedisClient.create(uri);
    try (StatefulRedisConnection<byte[], byte[]> connection =
        client.connect(ByteArrayCodec.INSTANCE)) {
      connection.setTimeout(Duration.ofMinutes(1));
      var commands = connection.sync();
      Map<String, Long> counts = new HashMap<>();
      ScanCursor cursor = ScanCursor.INITIAL;
      do {
        KeyScanCursor<byte[]> page =
            commands.scan(cursor, ScanArgs.Builder.matches(pattern).limit(1_000));
        for (byte[] key : page.getKeys()) {
          counts.put(new String(key, StandardCharsets.UTF_8), count(commands.get(key)));
        }
        cursor = page;
      } while (!cursor.isFinished());
      return counts;
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  private static long count(byte[] state) {
    return (long) ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN).getDouble(COUNT_AT);
  }
}
