package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.store.Answer;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.HoldContract;
import io.limiter.server.store.Source;
import io.limiter.server.store.deny.DenyCache;
import io.limiter.testing.TestRedis;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The counters in Redis with the cache before them: the laws of every store, and what it saves. */
class DenyCacheIT extends HoldContract {
  private static final Pattern SCRIPT_CALLS = Pattern.compile("cmdstat_eval(sha)?:calls=(\\d+)");

  private static StoreOnRedis redis;
  private static DenyCache cache;

  @BeforeAll
  static void connect() {
    redis = new StoreOnRedis(TestRedis.shared());
    cache = new DenyCache(redis.store(), Duration.ofMinutes(1), System::nanoTime);
  }

  @AfterAll
  static void close() {
    redis.close();
  }

  @Override
  protected CounterStore store() {
    return cache;
  }

  @Test
  void whileADenialLasts_repetitionsCostNoCommand() {
    Limit year = FixedWindow.per(366 * 86_400_000_000L, 3);
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      DenyCache cache = new DenyCache(redis.store(), Duration.ofMinutes(1), System::nanoTime);
      for (int i = 0; i < 3; i++) {
        assertTrue(decide(cache, "k", year, 1).admitted());
      }
      assertFalse(decide(cache, "k", year, 1).admitted());
      long before = scriptCalls(redis);
      for (int i = 0; i < 1_000; i++) {
        Answer.Decided again = decide(cache, "k", year, 1);
        assertEquals(Source.DENY_CACHE, again.source());
        assertFalse(again.admitted());
      }
      assertEquals(before, scriptCalls(redis));
      decide(cache, "k", year, 0);
      assertEquals(before + 1, scriptCalls(redis));
    }
  }

  private static long scriptCalls(StoreOnRedis redis) {
    String stats = redis.redis().info("commandstats");
    return SCRIPT_CALLS
        .matcher(stats)
        .results()
        .map(MatchResult::group)
        .mapToLong(found -> Long.parseLong(found.substring(found.indexOf('=') + 1)))
        .sum();
  }

  @Test
  void aDenialSaidAgain_namesTheMomentThatRedisNames() {
    Limit bucket = TokenBucket.of(50, 1_000_000, 1);
    String key = "limiter:{%s|}:rule:t:".formatted(UUID.randomUUID());
    int compared = 0;
    while (compared < 20) {
      Answer.Decided answer = decide(cache, key, bucket, 1);
      if (answer.source() == Source.DENY_CACHE) {
        Outcome.Denied said = assertInstanceOf(Outcome.Denied.class, answer.outcomes().get(0));
        Answer.Decided look = redis.decide(key, bucket, 0);
        long left = look.outcomes().get(0).resetAfterMicros();
        // None is left when so much time passed between the two that the denial is over.
        if (left > 0) {
          compared++;
          assertEquals(look.nowMicros() + left, answer.nowMicros() + said.retryAfterMicros());
        }
      }
    }
  }

  private static Answer.Decided decide(CounterStore store, String key, Limit limit, long cost) {
    return (Answer.Decided) StoreOnRedis.join(store.decide(StoreOnRedis.charge(key, limit, cost)));
  }
}
