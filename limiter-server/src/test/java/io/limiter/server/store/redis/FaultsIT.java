package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KillArgs;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.endpoint.RedisEndpoint;
import io.limiter.testing.Signal;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
    return (1L << 40) - redis.decide("k", PLENTY, 0).outcomes().get(0).remaining();
  }

  private static boolean isAnswered(StoreOnRedis redis) {
    try {
      charged(redis);
      return true;
    } catch (CompletionException failed) {
      return false;
    }
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
      // That the last connection broke may not have been heard of yet.
      StoreOnRedis.await(() -> isAnswered(redis));
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
          StoreOnRedis.failure(answer).kind(),
          () -> StoreOnRedis.failure(answer).toString());
    }
  }

  @Test
  void redisThatComesLate_isUsedWhenItIsThere() throws Exception {
    String uri;
    try (TestRedis own = TestRedis.ownProcess()) {
      uri = own.uri();
    }
    try (RedisCounterStore store =
        RedisCounterStore.connect(Patient.settings(uri), StoreListener.NONE)) {
      CompletableFuture<Answer> early =
          store.decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture();
      assertEquals(StoreException.Kind.UNAVAILABLE, StoreOnRedis.failure(early).kind());
      try (TestRedis late = TestRedis.ownProcess(java.net.URI.create(uri).getPort())) {
        assertEquals(uri, late.uri());
        StoreOnRedis.await(store::connected);
        store.decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture().join();
      }
      StoreOnRedis.await(() -> !store.connected());
    }
  }

  @Test
  void manyRefundsAtOnce_failNeitherThemselvesNorDecisions() {
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        calls.add(redis.store().refund(new Receipt(0, 1, i)).toCompletableFuture());
        calls.add(redis.store().decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture());
      }
      calls.forEach(StoreOnRedis::join);
    }
  }

  @Test
  void moreRefundsThanTheQueueTakes_areOverload() throws Exception {
    try (TestRedis own = TestRedis.ownProcess()) {
      RedisSettings two =
          new RedisSettings(
              RedisEndpoint.parse(own.uri()),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              1,
              1,
              2);
      try (RedisCounterStore store = RedisCounterStore.connect(two, StoreListener.NONE)) {
        StoreOnRedis.await(store::connected);
        Signal.send("STOP", own.process());
        var first = store.refund(new Receipt(0, 1, 1)).toCompletableFuture();
        var second = store.reset(List.of("k")).toCompletableFuture();
        assertEquals(
            StoreException.Kind.OVERLOADED,
            StoreOnRedis.failure(store.refund(new Receipt(0, 1, 2)).toCompletableFuture()).kind());
        Signal.send("CONT", own.process());
        StoreOnRedis.join(first);
        StoreOnRedis.join(second);
        StoreOnRedis.join(store.refund(new Receipt(0, 1, 2)));
      }
    }
  }

  @Test
  void aFullRedis_isSaidToBeFull_inTheAnswerAndInTheState() {
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own)) {
      assertEquals(own.uri() + " is connected", redis.store().state());
      redis.redis().configSet("maxmemory", "1");
      StoreException full =
          StoreOnRedis.failure(
              redis.store().decide(StoreOnRedis.charge("k", PLENTY, 1)).toCompletableFuture());
      assertEquals(StoreException.Kind.OUT_OF_MEMORY, full.kind());
      assertEquals(
          own.uri()
              + " is full: OOM command not allowed when used memory > 'maxmemory'.;"
              + " raise its maxmemory",
          full.getMessage());
      assertTrue(redis.store().connected());
      String state = redis.store().state();
      assertTrue(
          state.startsWith(own.uri() + " is connected, and refused ")
              && state.endsWith(full.getMessage()),
          state);
    }
  }

  @Test
  void hostThatAcceptsAndSaysNothing_isGivenUp_andTriedAgain() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      silent.setSoTimeout(30_000); // Lettuce alone would wait a minute before it tried again
      String uri = "redis://127.0.0.1:" + silent.getLocalPort();
      try (RedisCounterStore store =
              RedisCounterStore.connect(
                  RedisSettings.of(uri, Duration.ofSeconds(1)), StoreListener.NONE);
          Socket first = silent.accept();
          Socket again = silent.accept()) {
        assertTrue(first.isConnected() && again.isConnected());
        assertFalse(store.connected());
      }
    }
  }
}
