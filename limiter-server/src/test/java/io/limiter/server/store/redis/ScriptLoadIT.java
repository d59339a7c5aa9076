package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.TokenBucket;
import io.limiter.script.Scripts;
import io.limiter.testing.TestRedis;
import org.junit.jupiter.api.Test;

class ScriptLoadIT {
  @Test
  void afterLoading_redisKnowsEveryScript() {
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      assertFalse(knowsAll(redis));

      StoreOnRedis.join(redis.store().loadScripts());

      assertTrue(knowsAll(redis));
    }
  }

  @Test
  void withoutLoading_questionsAreAnswered() {
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      assertTrue(redis.decide("k:t", TokenBucket.of(1, 1_000_000, 1), 1).admitted());
    }
  }

  private static boolean knowsAll(StoreOnRedis redis) {
    String[] shas = Scripts.STANDARD.all().stream().map(Scripts.Script::sha).toArray(String[]::new);
    return redis.redis().scriptExists(shas).stream().allMatch(known -> known);
  }
}
