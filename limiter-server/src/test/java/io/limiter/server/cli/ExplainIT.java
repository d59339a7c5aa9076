package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.TokenBucket;
import io.limiter.server.store.Charge;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainIT {
  private static final Pattern KEY = Pattern.compile("limiter:\\S+");

  @Test
  void withRedis_theCountersOfADirectorysRules_standWhereTheyDo(@TempDir Path folder)
      throws Exception {
    Files.writeString(
        folder.resolve("edge.yaml"),
        """
        domain: edge
        rules:
          - { name: daily, key: [user], algorithm: token-bucket, rate: 10/300d }
        """);
    String redis = TestRedis.shared().uri();
    String[] line = {
      "explain",
      "--rules",
      folder.toString(),
      "--redis",
      redis,
      "--deadline",
      "30s",
      "--domain",
      "edge",
      "user=" + UUID.randomUUID()
    };
    CommandRun before = CommandRun.of(line);
    assertTrue(before.out().contains("10 of 10 requests left\n"), before::toString);
    Matcher key = KEY.matcher(before.out());
    assertTrue(key.find(), before::out);
    RedisSettings settings = RedisSettings.of(redis, Duration.ofSeconds(30));
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE)) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!store.connected() && System.nanoTime() - end < 0) {
        Thread.onSpinWait();
      }
      Charge.Entry entry =
          new Charge.Entry(key.group(), TokenBucket.of(10, 300 * 86_400_000_000L, 10), 4);
      store
          .decide(new Charge.Whole(List.of(entry)))
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);
    }
    CommandRun after = CommandRun.of(line);
    assertTrue(after.out().contains("6 of 10 requests left, full again in "), after::toString);
    assertEquals(0, after.exitCode());
  }
}
