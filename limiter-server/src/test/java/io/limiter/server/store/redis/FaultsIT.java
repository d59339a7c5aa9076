package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KillArgs;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.Answer;
import io.limiter.server.store.StoreException;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What happens to questions while Redis or the way to it fails. */
class FaultsIT {
  private static final Limit PLENTY = FixedWindow.per(366 * 86_400_000_000L, 1L << 40);

  /** Asks `count` times with a bounded number under way, and does `between` in the middle. */
  private static List<CompletableFuture<Answer>> load(
      StoreOnRedis redis, int count, Runnable between) {
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(redis.store().decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture());
      if (i % 500 == 499) {
        answers.get(i - 400).exceptionally(failed -> null).join();
      }
      if (i % 2_000 == 1_000) {
        between.run();
      }
    }
    answers.forEach(answer -> answer.exceptionally(failed -> null).join());
    return answers;
  }

  private static long charged(StoreOnRedis redis) {
    return (1L << 40) - redis.decide("k", PLENTY, 0).enforced().get(0).remaining();
  }

  @Test
  void scriptFlushUnderLoad_failsNoCall_andLosesNoCount() {
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      List<CompletableFuture<Answer>> answers =
          load(redis, 40_000, () -> redis.redis().scriptFlush());
      answers.forEach(CompletableFuture::join);
      assertEquals(40_000, charged(redis));
    }
  }

  @Test
  void brokenConnectionsUnderLoad_neverChargeTwice() {
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      List<CompletableFuture<Answer>> answers =
          load(
              redis,
              40_000,
              () -> {
                redis.redis().clientKill(KillArgs.Builder.typeNormal().skipme());
                StoreOnRedis.await(redis.store()::connected);
              });
      StoreOnRedis.await(redis.store()::connected);
      long admitted = answers.stream().filter(a -> !a.isCompletedExceptionally()).count();
      long charged = charged(redis);
      assertTrue(charged >= admitted, () -> charged + " charged, " + admitted + " admitted");
      assertTrue(charged <= 40_000, () -> charged + " charged for 40000 questions");
      answers.forEach(FaultsIT::assertAnsweredOrUnavailable);
    }
  }

  private static void assertAnsweredOrUnavailable(CompletableFuture<Answer> answer) {
    if (answer.isCompletedExceptionally()) {
      assertEquals(
          StoreException.Kind.UNAVAILABLE,
          failure(answer).kind(),
          () -> failure(answer).toString());
    }
  }

  private static StoreException failure(CompletableFuture<Answer> answer) {
    try {
      answer.join();
      throw new AssertionError("did not fail");
    } catch (CompletionException e) {
      return assertInstanceOf(StoreException.class, e.getCause());
    }
  }

  @Test
  void pausedRedis_isUnavailableWithinTheDeadline_andRecovers() throws Exception {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own, Duration.ofMillis(15))) {
      signal(own, "STOP");
      CompletableFuture<Answer> answer =
          redis.store().decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture();
      assertEquals(StoreException.Kind.UNAVAILABLE, failure(answer).kind());
      StoreOnRedis.await(() -> !redis.store().connected());
      StoreException atOnce =
          failure(redis.store().decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture());
      assertTrue(atOnce.toString().contains("cannot be asked"), () -> atOnce.toString());
      signal(own, "CONT");
      StoreOnRedis.await(redis.store()::connected);
      StoreOnRedis.await(() -> isAnswered(redis));
    }
  }

  @Test
  void redisThatComesLate_isUsedWhenItIsThere() throws Exception {
    String uri;
    try (TestRedis own = TestRedis.ownProcess()) {
      uri = own.uri();
    }
    try (RedisCounterStore store =
        RedisCounterStore.connect(
            RedisSettings.of(uri, Duration.ofSeconds(60)), StoreListener.NONE)) {
      CompletableFuture<Answer> early =
          store.decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture();
      assertEquals(StoreException.Kind.UNAVAILABLE, failure(early).kind());
      try (TestRedis late = TestRedis.ownProcess(java.net.URI.create(uri).getPort())) {
        assertEquals(uri, late.uri());
        StoreOnRedis.await(store::connected);
        store.decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture().join();
      }
      StoreOnRedis.await(() -> !store.connected());
    }
  }

  private static boolean isAnswered(StoreOnRedis redis) {
    return !redis
        .store()
        .decide(StoreOnRedis.charge("k", PLENTY, 1))
        .toCompletableFuture()
        .handle((answer, failed) -> failed)
        .thenApply(failed -> failed != null)
        .join();
  }

  private static void signal(TestRedis redis, String name)
      throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(redis.process().pid()))
            .inheritIO()
            .start()
            .waitFor();
    assertEquals(0, code);
  }
}
