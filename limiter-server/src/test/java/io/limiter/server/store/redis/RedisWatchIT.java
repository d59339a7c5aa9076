package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KillArgs;
import io.limiter.algorithm.FixedWindow;
import io.limiter.server.store.CreditListener;
import io.limiter.server.store.LeaseSource;
import io.limiter.server.store.redis.advice.Advice;
import io.limiter.testing.TestRedis;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is heard of a real Redis beside the questions, and what is said about its settings. */
class RedisWatchIT {
  private static final FixedWindow YEAR = FixedWindow.per(366 * 86_400_000_000L, 5);

  /** Notes what it hears. */
  private static final class Heard implements CreditListener {
    final List<String> keys = new CopyOnWriteArrayList<>();
    final AtomicInteger missed = new AtomicInteger();

    @Override
    public void credited(List<String> credited) {
      keys.addAll(credited);
    }

    @Override
    public void missedSome() {
      missed.incrementAndGet();
    }
  }

  @Test
  void everyKeyThatIsGivenBackTo_isHeardOf_andNoOther() {
    Heard heard = new Heard();
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own);
        RedisWatch watch = RedisWatch.over(redis.store(), Optional.of(heard))) {
      StoreOnRedis.await(watch::hears);
      assertEquals(1, heard.missed.get(), "what was cached before is of unknown age");
      redis.decide("charged", YEAR, 1);
      redis.decide("empty", YEAR, -1);
      redis.decide("credited", YEAR, 1);
      redis.decide("credited", YEAR, -1);
      LeaseSource.Prefetched drawn = StoreOnRedis.join(redis.store().prefetch("leased", YEAR, 1));
      StoreOnRedis.join(
          redis
              .store()
              .returnUnused(
                  List.of(
                      new LeaseSource.Unused(
                          "leased",
                          YEAR.algorithm(),
                          1,
                          drawn.windowEndMicros(),
                          drawn.windowEndMicros()))));
      List<String> many = IntStream.range(0, 250).mapToObj(i -> "reset-" + i).toList();
      assertEquals(0, StoreOnRedis.join(redis.store().reset(many)));
      StoreOnRedis.await(() -> watch.notices() == 252);
      assertEquals(252, heard.keys.size());
      assertEquals(List.of("credited", "leased"), heard.keys.subList(0, 2));
      assertEquals(many, heard.keys.subList(2, 252));
    }
  }

  @Test
  void aRedisThatIsAway_andBack_isListenedToAgain() {
    Heard heard = new Heard();
    TestRedis own = TestRedis.ownProcess();
    int port = java.net.URI.create(own.uri()).getPort();
    try (StoreOnRedis redis = new StoreOnRedis(own);
        RedisWatch watch = RedisWatch.over(redis.store(), Optional.of(heard))) {
      StoreOnRedis.await(watch::hears);
      own.close();
      StoreOnRedis.await(() -> watch.deafness().isPresent());
      own = TestRedis.ownProcess(port);
      StoreOnRedis.await(watch::hears);
      assertEquals(2, heard.missed.get());
      StoreOnRedis.join(redis.store().reset(List.of("k")));
      StoreOnRedis.await(() -> heard.keys.contains("k"));
    } finally {
      own.close();
    }
  }

  /** After a failover the questions go elsewhere, and nobody publishes at the old place. */
  @Test
  void aNewConnectionOfTheQuestions_isFollowed() {
    Heard heard = new Heard();
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own);
        RedisWatch watch = RedisWatch.over(redis.store(), Optional.of(heard))) {
      StoreOnRedis.await(watch::hears);
      redis.redis().clientKill(KillArgs.Builder.typeNormal());
      StoreOnRedis.await(() -> heard.missed.get() == 2);
    }
  }

  @Test
  void whoCachesNothing_doesNotListen() {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own);
        RedisWatch watch = RedisWatch.over(redis.store(), Optional.<CreditListener>empty())) {
      StoreOnRedis.await(() -> watch.advises(Advice.About.HZ));
      assertFalse(watch.hears());
      assertEquals(Optional.empty(), watch.deafness());
      assertEquals(List.of(), redis.redis().pubsubChannels().stream().map(String::new).toList());
    }
  }

  @Test
  void settingsAreLookedAt_onceForEachConnection() {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      redis.redis().configSet("maxmemory-policy", "allkeys-lru");
      redis.redis().configSet("maxmemory", "100mb");
      redis.redis().configSet("hz", "100");
      try (RedisWatch watch = RedisWatch.over(redis.store(), Optional.<CreditListener>empty())) {
        StoreOnRedis.await(() -> !watch.advice().isEmpty());
        String address = redis.store().describe();
        assertEquals(1, watch.advice().size(), watch.advice()::toString);
        assertTrue(
            watch.advice().get(0).startsWith(address + ": maxmemory-policy is allkeys-lru, "));
        assertTrue(watch.advises(Advice.About.MAXMEMORY_POLICY));
        assertFalse(watch.advises(Advice.About.HZ));

        redis.redis().configSet("maxmemory-policy", "noeviction");
        redis.redis().configSet("hz", "10");
        redis.redis().clientKill(KillArgs.Builder.typeNormal());
        StoreOnRedis.await(() -> watch.advises(Advice.About.HZ));
        assertFalse(watch.advises(Advice.About.MAXMEMORY_POLICY));
      }
    }
  }
}
