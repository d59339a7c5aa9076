package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.limiter.client.testing.FakeLimiter;
import io.limiter.client.upstream.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client with a deny cache, at a service whose time is the test's. */
@Timeout(60)
final class NearDenialsTest {
  private static final CheckRequest QUESTION = CheckRequest.in("shop").attribute("user", "alice");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final FakeLimiter fake = FakeLimiter.start();
  private final AtomicLong clock = new AtomicLong();
  private final ConcurrentLinkedQueue<Source> heard = new ConcurrentLinkedQueue<>();
  private final LimiterClient client = settings().build();

  private LimiterClientBuilder settings() {
    return LimiterClient.over(fake.channel())
        .deadline(MINUTE)
        .nanoTime(clock::get)
        .denyCache(MINUTE)
        .onDecision(decision -> heard.add(decision.source()));
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
    fake.advance(time);
  }

  /** One is admitted in each minute, and this was it. */
  private Decision admitted(CheckRequest request) {
    fake.limit("per-user", 1, MINUTE, "user");
    Decision admitted = client.check(request);
    assertTrue(admitted.allowed());
    return admitted;
  }

  @AfterEach
  void close() {
    client.close();
    fake.close();
  }

  @Test
  void aDenial_isRepeatedWithoutACall_untilItIsOver() {
    admitted(QUESTION);
    pass(Duration.ofSeconds(20));
    assertEquals(Source.REDIS, client.check(QUESTION).source());
    pass(Duration.ofSeconds(10));
    Decision again = client.check(QUESTION.receipt().onUnreachable(OnUnreachable.CLOSED));
    assertEquals(Source.DENY_CACHE, again.source());
    assertEquals(Optional.of(Duration.ofSeconds(30)), again.retryAfter());
    assertEquals(Optional.of(Decision.DenialKind.RATE), again.kind());
    assertEquals(new RuleStatus.Denies(Duration.ofSeconds(30)), again.statuses().get(0).outcome());
    assertEquals(Duration.ofSeconds(30), again.statuses().get(0).quota().resetAfter());
    assertEquals(2, fake.asked().size());
    assertEquals(1, client.deniedNear());
    assertEquals(List.of(Source.REDIS, Source.REDIS, Source.DENY_CACHE), List.copyOf(heard));
    pass(Duration.ofSeconds(30));
    assertTrue(client.check(QUESTION).allowed());
  }

  @Test
  void allThreeFormsOfAsking_shareTheDenials() {
    admitted(QUESTION);
    try (CheckStream stream = client.stream()) {
      assertEquals(Source.REDIS, stream.check(QUESTION).join().source());
      assertEquals(Source.DENY_CACHE, client.checkAsync(QUESTION).join().source());
      assertEquals(Source.DENY_CACHE, client.check(QUESTION).source());
      assertEquals(Source.DENY_CACHE, stream.check(QUESTION).join().source());
    }
    CheckRequest two = QUESTION.cost(2);
    assertEquals(Source.REDIS, client.checkAsync(two).join().source());
    assertEquals(Source.DENY_CACHE, client.check(two).source());
    assertEquals(3, fake.asked().size());
    assertEquals(4, client.deniedNear());
  }

  @Test
  void batchesAndAlternatives_areAlwaysSent() {
    admitted(QUESTION);
    client.check(QUESTION);
    assertEquals(Source.REDIS, client.checkAll(List.of(QUESTION)).get(0).source());
    assertEquals(Source.REDIS, client.checkAny(List.of(QUESTION)).decision().source());
    assertEquals(0, client.deniedNear());
  }

  @Test
  void withoutTheSetting_everyQuestionIsSent() {
    admitted(QUESTION);
    for (int i = 0; i < 3; i++) {
      assertEquals(Source.REDIS, fake.client().check(QUESTION).source());
    }
    try (LimiterClient keyed = settings().randomKeys(true).build()) {
      for (int i = 0; i < 3; i++) {
        assertEquals(Source.REDIS, keyed.check(QUESTION).source());
      }
    }
    assertEquals(7, fake.asked().size());
  }

  @Test
  void withoutAnAnswer_nothingIsCached() {
    CheckRequest closed = QUESTION.onUnreachable(OnUnreachable.CLOSED);
    fake.fail(Status.UNAVAILABLE).fail(Status.UNAVAILABLE);
    assertFalse(client.check(closed).allowed());
    assertInstanceOf(Decision.Unreachable.class, client.checkAsync(closed).join());
    assertTrue(client.check(closed).allowed());
  }

  @Test
  void aRefund_endsTheDenialsOfThisClient() {
    Receipt receipt = admitted(QUESTION.receipt()).receipt().orElseThrow();
    assertFalse(client.check(QUESTION).allowed());
    assertTrue(client.refund(receipt));
    assertEquals(Source.REDIS, client.check(QUESTION).source());
    assertEquals(Source.DENY_CACHE, client.check(QUESTION).source());
    // Given back before, but who can tell what an earlier try did.
    assertFalse(client.refundAsync(receipt).join());
    assertEquals(Source.REDIS, client.check(QUESTION).source());
  }

  @Test
  void anObservation_endsThemToo() {
    admitted(QUESTION);
    assertFalse(client.check(QUESTION).allowed());
    client.observe(QUESTION, Observation.remaining(5, Duration.ofSeconds(1)));
    assertEquals(Source.REDIS, client.check(QUESTION).source());
  }

  @Test
  void afterTheEnd_nothingIsAnswered() {
    admitted(QUESTION);
    CheckStream stream = client.stream();
    client.check(QUESTION);
    assertEquals(Source.DENY_CACHE, stream.check(QUESTION).join().source());
    stream.close();
    CompletableFuture<Decision> late = stream.check(QUESTION);
    assertInstanceOf(
        IllegalStateException.class,
        assertThrows(CompletionException.class, late::join).getCause());
    client.close();
    assertThrows(IllegalStateException.class, () -> client.check(QUESTION));
  }

  @Test
  void anAnswerOfTheCache_comesOnTheThreadThatAsks() {
    admitted(QUESTION);
    client.check(QUESTION);
    CompletableFuture<Decision> near = client.checkAsync(QUESTION);
    assertTrue(near.isDone());
    assertEquals(Thread.currentThread(), near.thenApply(decision -> Thread.currentThread()).join());
  }

  @Test
  void theSetting_isBounded() {
    for (Duration wrong : List.of(Duration.ZERO, Duration.ofNanos(999_999), MINUTE.plusNanos(1))) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> settings().denyCache(wrong));
      assertTrue(thrown.toString().contains("not within PT0.001S and PT1M"), thrown::toString);
    }
    settings().denyCache(Duration.ofMillis(1));
  }
}
