package io.limiter.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.limiter.client.CheckRequest;
import io.limiter.client.CheckStream;
import io.limiter.client.Decision;
import io.limiter.client.Decision.DenialKind;
import io.limiter.client.Holds;
import io.limiter.client.LimiterClient;
import io.limiter.client.Receipt;
import io.limiter.client.Source;
import io.limiter.client.upstream.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fake says what the test wants to hear, to a client that is a real one. */
@Timeout(60)
final class FakeLimiterTest {
  private static final CheckRequest QUESTION = CheckRequest.in("shop").attribute("user", "alice");

  private final FakeLimiter fake = FakeLimiter.start();

  @AfterEach
  void close() {
    fake.close();
  }

  private Decision ask(CheckRequest request) {
    return fake.client().check(request);
  }

  @Test
  void answers_comeAsScripted_andThenAllIsAdmitted() {
    fake.deny(Duration.ofSeconds(3)).denyForever().admit(Duration.ofMillis(5)).admit();
    assertEquals(Optional.of(Duration.ofSeconds(3)), ask(QUESTION).retryAfter());
    Decision never = ask(QUESTION);
    assertFalse(never.allowed());
    assertEquals(Optional.empty(), never.retryAfter());
    assertEquals(Duration.ofMillis(5), ask(QUESTION).delay());
    assertEquals(Source.REDIS, ask(QUESTION).source());
    Decision otherwise = ask(QUESTION);
    assertTrue(otherwise.allowed());
    assertEquals(Source.NO_RULE, otherwise.source());
  }

  @Test
  void kindsAndHints_areScripted_andFollowFromLimits() {
    fake.admitDegraded().deny(Duration.ofSeconds(3)).denyForever();
    fake.deny(Duration.ofHours(3), DenialKind.QUOTA);
    assertTrue(ask(QUESTION).degraded());
    assertEquals(Optional.of(DenialKind.RATE), ask(QUESTION).kind());
    assertEquals(Optional.of(DenialKind.COST_NEVER_FITS), ask(QUESTION).kind());
    assertEquals(Optional.of(DenialKind.QUOTA), ask(QUESTION).kind());
    fake.limit("minute", 1, Duration.ofMinutes(1));
    assertFalse(ask(QUESTION).degraded());
    assertEquals(Optional.of(DenialKind.RATE), ask(QUESTION).kind());
    assertEquals(Optional.of(DenialKind.COST_NEVER_FITS), ask(QUESTION.cost(2)).kind());
    fake.advance(Duration.ofMinutes(1)).limit("day", 1, Duration.ofDays(1));
    assertTrue(ask(QUESTION).allowed());
    assertEquals(Optional.of(DenialKind.QUOTA), ask(QUESTION).kind());
  }

  @Test
  void aFailure_isWhatAClientMakesOfIt() {
    fake.fail(Status.UNAVAILABLE);
    assertInstanceOf(Decision.Unreachable.class, ask(QUESTION));
    fake.fail(Status.UNAVAILABLE);
    List<Decision> batch = fake.client().checkAll(List.of(QUESTION, QUESTION));
    assertInstanceOf(Decision.Unreachable.class, batch.get(0));
    assertInstanceOf(Decision.Admitted.class, batch.get(1));
    assertThrows(IllegalArgumentException.class, () -> fake.fail(Status.OK));
  }

  @Test
  void aLimit_admitsSoManyInEachWindow_forEachValue() {
    fake.limit("per-user", 2, Duration.ofMinutes(1), "user");
    CheckRequest bob = CheckRequest.in("shop").attribute("user", "bob");
    assertEquals(1, ask(QUESTION).remaining().orElseThrow());
    assertEquals(0, ask(QUESTION).remaining().orElseThrow());
    fake.advance(Duration.ofSeconds(20));
    Decision denied = ask(QUESTION);
    assertFalse(denied.allowed());
    assertEquals(Optional.of(Duration.ofSeconds(40)), denied.retryAfter());
    assertEquals("per-user", denied.strictest().orElseThrow().rule());
    assertTrue(ask(bob).allowed());
    assertTrue(ask(CheckRequest.in("shop")).allowed());
    fake.advance(Duration.ofSeconds(40));
    assertTrue(ask(QUESTION).allowed());
    assertEquals(Optional.empty(), ask(QUESTION.cost(3)).retryAfter());
  }

  @Test
  void severalLimits_chargeAllOrNothing() {
    fake.limit("wide", 2, Duration.ofMinutes(1)).limit("narrow", 1, Duration.ofHours(1), "user");
    assertTrue(ask(QUESTION).allowed());
    Decision denied = ask(QUESTION);
    assertEquals(Optional.of(Duration.ofHours(1)), denied.retryAfter());
    assertEquals(1, denied.statuses().get(0).remaining());
  }

  @Test
  void whatWasAsked_isRemembered() {
    ask(QUESTION.cost(4).unitCost("tokens", 10).idempotencyKey("k").priority("batch"));
    try (CheckStream stream = fake.client().stream()) {
      assertTrue(stream.check(CheckRequest.in("other")).join().allowed());
    }
    assertEquals(
        List.of(
            new Asked(
                "shop",
                Map.of("user", "alice"),
                4,
                Map.of("tokens", 10L),
                Optional.of("k"),
                Optional.of("batch")),
            new Asked("other", Map.of(), 1, Map.of(), Optional.empty())),
        fake.asked());
  }

  @Test
  void aReceipt_isGivenBackOnce() {
    Receipt receipt = ask(QUESTION.receipt()).receipt().orElseThrow();
    assertTrue(fake.client().refund(receipt));
    assertFalse(fake.client().refund(receipt));
    assertEquals(1, fake.refunded());
    assertEquals(Optional.empty(), ask(QUESTION).receipt());
  }

  @Test
  void ofSeveral_theFirstThatIsAdmittedIsCharged() {
    fake.limit("per-key", 1, Duration.ofMinutes(1), "key");
    CheckRequest one = CheckRequest.in("llm").attribute("key", "one");
    CheckRequest other = CheckRequest.in("llm").attribute("key", "other");
    assertEquals(OptionalInt.of(0), fake.client().checkAny(List.of(one, other)).place());
    LimiterClient.Choice second = fake.client().checkAny(List.of(one, other));
    assertEquals(OptionalInt.of(1), second.place());
    assertEquals(1, second.denied().size());
    fake.deny(Duration.ofSeconds(9)).denyForever().deny(Duration.ofSeconds(3));
    LimiterClient.Choice none = fake.client().checkAny(List.of(one, other, one));
    assertEquals(OptionalInt.empty(), none.place());
    assertEquals(Optional.of(Duration.ofSeconds(3)), none.decision().retryAfter());
    assertEquals(3, none.denied().size());
  }

  @Test
  void whatAnUpstreamSaid_holds_andIsRemembered() {
    fake.limit("per-user", 100, Duration.ofHours(1), "user");
    Observation left = Observation.remaining(1, Duration.ofSeconds(10)).withLimit(2);
    assertEquals(1, fake.client().observe(QUESTION, left, "per-user"));
    assertEquals(0, fake.client().observe(QUESTION, left, "another"));
    assertEquals(0, fake.client().observe(QUESTION, left.withUnit("tokens")));
    assertEquals(0, fake.client().observe(CheckRequest.in("shop"), left));
    assertEquals(
        new Observed("shop", Map.of("user", "alice"), List.of("per-user"), left),
        fake.observed().get(0));
    assertEquals(4, fake.observed().size());
    assertTrue(ask(QUESTION).allowed());
    Decision denied = ask(QUESTION);
    assertEquals(Optional.of(Duration.ofSeconds(10)), denied.retryAfter());
    assertEquals(0, denied.strictest().orElseThrow().remaining());
    fake.advance(Duration.ofSeconds(10));
    assertTrue(ask(QUESTION).allowed());
    assertEquals(1, fake.client().observe(QUESTION, Observation.blocked(Duration.ofSeconds(3))));
    assertEquals(Optional.of(Duration.ofSeconds(3)), ask(QUESTION).retryAfter());
    assertTrue(ask(CheckRequest.in("shop").attribute("user", "bob")).allowed());
    fake.advance(Duration.ofSeconds(3));
    assertTrue(ask(QUESTION).allowed());
    assertFalse(ask(QUESTION).allowed());
    // Its second window is as long as the first.
    fake.advance(Duration.ofSeconds(7));
    assertTrue(ask(QUESTION).allowed());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void whatMakesNoSense_isRefused(long seconds) {
    Duration wrong = Duration.ofSeconds(seconds);
    assertThrows(IllegalArgumentException.class, () -> fake.deny(wrong));
    assertThrows(IllegalArgumentException.class, () -> fake.limit("r", 1, wrong));
    assertThrows(IllegalArgumentException.class, () -> fake.limit("r", -1, Duration.ofSeconds(1)));
    assertThrows(IllegalArgumentException.class, () -> fake.advance(Duration.ofSeconds(-1)));
    assertThrows(IllegalArgumentException.class, () -> fake.admit(Duration.ofSeconds(-1)));
  }

  @Test
  void holds_giveWhatTheyHeldBack_whenTheirTimeIsOver_andALateSettlementIsChargedOnce() {
    Duration hour = Duration.ofHours(1);
    fake.limit("per-hour", 5, hour, "user").concurrency("at-once", 9, hour, "user");
    Receipt receipt = ask(QUESTION.cost(4).hold(Duration.ofMinutes(1))).receipt().orElseThrow();
    assertEquals(1, fake.held());
    assertEquals(4, ask(QUESTION.cost(0)).statuses().get(1).held());
    fake.advance(Duration.ofMinutes(1));
    assertEquals(0, fake.held());
    assertEquals(5, ask(QUESTION.cost(0)).statuses().get(0).remaining());
    Holds holds = fake.client().holds();
    assertEquals(Holds.End.EXPIRED, holds.settle(receipt, 7, Map.of()).end());
    assertEquals(Holds.End.ENDED_BEFORE, holds.settle(receipt, 7, Map.of()).end());
    assertEquals(2, ask(QUESTION.cost(0)).statuses().get(0).owed());
    assertEquals(1, fake.settled().size());
    assertEquals(Holds.End.UNKNOWN, holds.release(new Receipt("00")));
    assertFalse(holds.extend(receipt, hour, 0, Map.of()).extended());
  }
}
