package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.testing.Signal;
import io.limiter.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of questions that Redis does not answer in time, and of Redis for that. */
class UnansweredIT {
  private static final Limit PLENTY = FixedWindow.per(366 * 86_400_000_000L, 1L << 40);

  @Test
  void pausedRedis_isUnavailableWithinTheDeadline_andRecovers() throws Exception {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis redis = new StoreOnRedis(own, Duration.ofMillis(15))) {
      Signal.send("STOP", own.process());
      CompletableFuture<Answer> answer =
          redis.store().decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture();
      assertEquals(StoreException.Kind.TIMEOUT, StoreOnRedis.failure(answer).kind());
      assertEquals(
          own.uri()
              + " did not answer in time; look for what slows it down,"
              + " or wait longer: by the call's deadline (up to --decision-deadline-max), or"
              + " without one by --decision-deadline",
          StoreOnRedis.failure(answer).getMessage());
      StoreOnRedis.await(() -> !redis.store().connected());
      CompletableFuture<Answer> unasked =
          redis.store().decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture();
      assertTrue(unasked.isDone(), "waits, and nobody is there to be asked");
      StoreException atOnce = StoreOnRedis.failure(unasked);
      assertEquals(StoreException.Kind.TIMEOUT, atOnce.kind());
      assertTrue(
          atOnce.getMessage().startsWith(own.uri() + " did not answer: "), atOnce::getMessage);
      assertEquals(atOnce.getMessage(), redis.store().state());
      Signal.send("CONT", own.process());
      StoreOnRedis.await(redis.store()::connected);
      StoreOnRedis.await(() -> StoreOnRedis.isAnswered(redis.store()));
    }
  }

  /**
   * What a stopped Redis is sent lies in its socket, and it reads that when it goes on. With a
   * deadline that is longer than the connection lives, the questions come to Redis all the same.
   */
  @Test
  void whatIsRefusedIsNotCharged_byARedisThatGoesOnLater() throws Exception {
    try (TestRedis own = TestRedis.ownProcess()) {
      RedisSettings patient =
          new RedisSettings(
              RedisEndpoint.parse(own.uri()),
              Duration.ofMillis(40),
              Duration.ofMinutes(1),
              64,
              2,
              100);
      Expired heard = new Expired();
      try (RedisCounterStore store = RedisCounterStore.connect(patient, heard)) {
        StoreOnRedis.await(store::connected);
        StoreOnRedis.await(() -> StoreOnRedis.isAnswered(store));
        Signal.send("STOP", own.process());
        List<CompletableFuture<Answer>> refused = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
          refused.add(
              store.decide(StoreOnRedis.charge("refused" + i, PLENTY, 1)).toCompletableFuture());
        }
        refused.forEach(
            answer ->
                assertEquals(StoreException.Kind.TIMEOUT, StoreOnRedis.failure(answer).kind()));
        Signal.send("CONT", own.process());
        StoreOnRedis.await(() -> heard.expired.get() > 0);
        try (StoreOnRedis look = new StoreOnRedis(own)) {
          for (int i = 0; i < 60; i++) {
            assertEquals(
                1L << 40,
                look.decide("refused" + i, PLENTY, 0).outcomes().get(0).remaining(),
                "refused" + i);
          }
        }
        assertEquals(0, heard.late.get());
      }
    }
  }

  /** Counts what the store is told. */
  private static final class Expired implements StoreListener {
    final AtomicInteger expired = new AtomicInteger();
    final AtomicInteger late = new AtomicInteger();

    @Override
    public void expired() {
      expired.incrementAndGet();
    }

    @Override
    public void chargedLate() {
      late.incrementAndGet();
    }
  }

  /** So long as the connection is not given up, which takes a minute here. */
  @Test
  void redisThatLeavesQuestionsUnanswered_isAskedByProbesOnly_untilItAnswers() throws Exception {
    try (TestRedis own = TestRedis.ownProcess()) {
      RedisSettings patient =
          new RedisSettings(
              RedisEndpoint.parse(own.uri()),
              Duration.ofMillis(15),
              Duration.ofMinutes(1),
              64,
              2,
              100);
      try (RedisCounterStore store = RedisCounterStore.connect(patient, StoreListener.NONE)) {
        StoreOnRedis.await(store::connected);
        Signal.send("STOP", own.process());
        StoreOnRedis.await(
            () ->
                StoreOnRedis.failure(
                        store.decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture())
                    .getMessage()
                    .contains("is asked one now and then"));
        Signal.send("CONT", own.process());
        StoreOnRedis.await(() -> StoreOnRedis.isAnswered(store));
      }
    }
  }

  /** As when this process stood still: else it would give up a Redis that nobody asked. */
  @Test
  void questionsThatComeTooLate_sayNothingOfRedis() {
    Charge late = new Charge.Whole(List.of(new Charge.Entry("k", PLENTY, 1)), /* waitNanos= */ 0);
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      long end = System.nanoTime() + 2 * Breaker.SILENCE.toNanos();
      while (System.nanoTime() - end < 0) {
        StoreException failure =
            StoreOnRedis.failure(redis.store().decide(late).toCompletableFuture());
        assertFalse(
            failure.getMessage().contains("is asked one now and then"), failure::getMessage);
      }
      assertEquals(1L << 40, redis.decide("k", PLENTY, 0).outcomes().get(0).remaining());
    }
  }
}
