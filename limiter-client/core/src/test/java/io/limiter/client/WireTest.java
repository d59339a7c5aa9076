package io.limiter.client;

import static io.limiter.client.ServiceFake.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DenialKind;
import io.limiter.v1.Hint;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class WireTest {
  private static final Set<String> UNKNOWN =
      Set.of("SOURCE_UNSPECIFIED", "ALGORITHM_UNSPECIFIED", "UNRECOGNIZED");
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void request_carriesEverythingThatWasSaid() {
    CheckRequest request =
        CheckRequest.in("edge")
            .attribute("user", "alice")
            .attributes(Map.of("plan", "gold"))
            .cost(2)
            .unitCost("tokens", 1500)
            .priority("batch")
            .inlineRule(InlineRule.slidingLog("own", 5, Duration.ofMillis(1500)).key("user"))
            .inlineRule(InlineRule.leakyBucket("queue", 3, SECOND, 9).unit("tokens"))
            .receipt()
            .idempotencyKey("once");
    assertEquals(
        CheckAndConsumeRequest.newBuilder()
            .setDomain("edge")
            .putAttributes("user", "alice")
            .putAttributes("plan", "gold")
            .setCost(2)
            .putUnitCosts("tokens", 1500)
            .setPriority("batch")
            .addInlineRules(
                io.limiter.v1.InlineRule.newBuilder()
                    .setName("own")
                    .addKey("user")
                    .setAlgorithm(io.limiter.v1.Algorithm.SLIDING_LOG)
                    .setLimit(5)
                    .setWindow(
                        com.google.protobuf.Duration.newBuilder()
                            .setSeconds(1)
                            .setNanos(500_000_000)))
            .addInlineRules(
                io.limiter.v1.InlineRule.newBuilder()
                    .setName("queue")
                    .setAlgorithm(io.limiter.v1.Algorithm.LEAKY_BUCKET)
                    .setRate(3)
                    .setPeriod(com.google.protobuf.Duration.newBuilder().setSeconds(1))
                    .setCapacity(9)
                    .setUnit("tokens"))
            .setWantReceipt(true)
            .setIdempotencyKey("once")
            .build(),
        request.message());
  }

  @Test
  void cost_isAbsentUnlessSaidAndZeroWhenSaid() {
    assertFalse(CheckRequest.in("edge").message().hasCost());
    assertTrue(CheckRequest.in("edge").cost(0).message().hasCost());
  }

  @Test
  void step_leavesTheRequestItStartsFromAsItWas() {
    CheckRequest start = CheckRequest.in("edge").deadline(SECOND);
    CheckRequest alice = start.attribute("user", "alice");
    assertEquals(0, start.message().getAttributesCount());
    assertEquals(Optional.of(SECOND), alice.deadline());
  }

  @Test
  void negativeNumber_isRefusedBeforeItTurnsIntoAHugeOne() {
    InvalidRequestException thrown =
        assertThrows(InvalidRequestException.class, () -> CheckRequest.in("edge").cost(-1));
    assertEquals(
        "cost: -1 is below 0; pass 0 to look without charging, or more", thrown.getMessage());
    assertThrows(
        InvalidRequestException.class, () -> CheckRequest.in("edge").unitCost("tokens", -1));
    assertThrows(InvalidRequestException.class, () -> InlineRule.fixedWindow("own", -1, SECOND));
    assertThrows(
        IllegalArgumentException.class, () -> CheckRequest.in("edge").deadline(Duration.ZERO));
  }

  @Test
  void aRuleOfHolds_isWrittenWhole() {
    assertEquals(
        io.limiter.v1.InlineRule.newBuilder()
            .setName("own")
            .setAlgorithm(io.limiter.v1.Algorithm.CONCURRENCY_LIMIT)
            .setLimit(5)
            .setHold(Wire.message(SECOND))
            .addKey("user")
            .build(),
        InlineRule.concurrency("own", 5, SECOND).key("user").message());
    assertThrows(InvalidRequestException.class, () -> InlineRule.concurrency("own", -1, SECOND));
    assertEquals(
        Algorithm.CONCURRENCY_LIMIT, Algorithm.of(io.limiter.v1.Algorithm.CONCURRENCY_LIMIT));
  }

  @Test
  void admission_isReadWhole() {
    CheckAndConsumeResponse response =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSource(io.limiter.v1.Source.LOCAL_FALLBACK)
            .setDelay(Wire.message(Duration.ofMillis(3)))
            .setHint(Hint.DEGRADE)
            .setReceipt(ByteString.fromHex("00ff10"))
            .addStatuses(
                io.limiter.v1.RuleStatus.newBuilder()
                    .setRule("queue")
                    .setAlgorithm(io.limiter.v1.Algorithm.LEAKY_BUCKET)
                    .setAllowed(true)
                    .setLimit(9)
                    .setRemaining(4)
                    .setResetAfter(Wire.message(SECOND))
                    .setWindow(Wire.message(SECOND.multipliedBy(3)))
                    .setUnit("tokens")
                    .setSoftBasisPoints(9_500)
                    .setSoftCrossed(true))
            .addStatuses(
                io.limiter.v1.RuleStatus.newBuilder()
                    .setRule("queue")
                    .setAlgorithm(io.limiter.v1.Algorithm.TOKEN_BUCKET)
                    .setLimit(5)
                    .setResetAfter(Wire.message(SECOND))
                    .setRetryAfter(Wire.message(SECOND))
                    .setWindow(Wire.message(SECOND))
                    .setShadow(true)
                    .setCandidate(true))
            .build();
    assertEquals(
        new Decision.Admitted(
            Source.LOCAL_FALLBACK,
            List.of(
                new RuleStatus(
                    "queue",
                    Algorithm.LEAKY_BUCKET,
                    "tokens",
                    false,
                    false,
                    new RuleStatus.Quota(9, 4, SECOND, SECOND.multipliedBy(3), 9_500, true),
                    new RuleStatus.Admits()),
                new RuleStatus(
                    "queue",
                    Algorithm.TOKEN_BUCKET,
                    "",
                    true,
                    true,
                    new RuleStatus.Quota(5, 0, SECOND, SECOND),
                    new RuleStatus.Denies(SECOND))),
            Duration.ofMillis(3),
            Optional.of(new Receipt("00ff10")),
            true),
        Wire.decision(response, OnUnreachable.OPEN));
  }

  @Test
  void denial_isReadWhole() {
    CheckAndConsumeResponse response =
        CheckAndConsumeResponse.newBuilder()
            .setSource(io.limiter.v1.Source.REDIS)
            .setRetryAfter(Wire.message(Duration.ofNanos(1_000)))
            .setKind(DenialKind.QUOTA)
            .addStatuses(
                io.limiter.v1.RuleStatus.newBuilder()
                    .setRule("now")
                    .setRetryAfter(Wire.message(Duration.ofNanos(1_000))))
            .addStatuses(
                io.limiter.v1.RuleStatus.newBuilder()
                    .setRule("never")
                    .setNever(true)
                    .setShadow(true))
            .addStatuses(io.limiter.v1.RuleStatus.newBuilder().setRule("prepaid"))
            .build();
    Decision.Denied denied = (Decision.Denied) Wire.decision(response, OnUnreachable.OPEN);
    assertFalse(denied.allowed());
    assertEquals(Optional.of(Duration.ofNanos(1_000)), denied.retryAfter());
    assertEquals(Optional.of(Decision.DenialKind.QUOTA), denied.kind());
    assertFalse(denied.degraded());
    assertEquals(
        new RuleStatus.Denies(Duration.ofNanos(1_000)), denied.statuses().get(0).outcome());
    assertEquals(new RuleStatus.NeverAdmits(), denied.statuses().get(1).outcome());
    assertTrue(denied.statuses().get(1).shadow());
    RuleStatus prepaid = denied.statuses().get(2);
    assertEquals(new RuleStatus.Exhausted(), prepaid.outcome());
    assertEquals(Optional.empty(), prepaid.retryAfter());
    assertFalse(prepaid.never());
  }

  @Test
  void denialForEver_hasNoRetryAfter() {
    Decision.Denied denied =
        (Decision.Denied) Wire.decision(ServiceFake.denied(), OnUnreachable.OPEN);
    assertEquals(Optional.empty(), denied.retryAfter());
  }

  @Test
  void whatAnOlderServiceDoesNotTell_isEmpty() {
    assertEquals(Optional.empty(), Wire.decision(ServiceFake.denied(), OnUnreachable.OPEN).kind());
    Decision admitted = Wire.decision(ServiceFake.admitted(), OnUnreachable.OPEN);
    assertFalse(admitted.degraded());
    assertEquals(Optional.empty(), admitted.kind());
  }

  @Test
  void valuesOfANewerService_areReadAsUnknown() {
    CheckAndConsumeResponse response =
        CheckAndConsumeResponse.newBuilder()
            .setAllowed(true)
            .setSourceValue(99)
            .addStatuses(
                io.limiter.v1.RuleStatus.newBuilder().setAlgorithmValue(99).setAllowed(true))
            .build();
    Decision.Admitted admitted = (Decision.Admitted) Wire.decision(response, OnUnreachable.OPEN);
    assertEquals(Source.UNKNOWN, admitted.source());
    assertEquals(Algorithm.UNKNOWN, admitted.statuses().get(0).algorithm());
    CheckAndConsumeResponse newKind =
        ServiceFake.denied().toBuilder().setKindValue(99).setHintValue(99).build();
    assertEquals(Optional.empty(), Wire.decision(newKind, OnUnreachable.OPEN).kind());
    CheckAndConsumeResponse newHint = ServiceFake.admitted().toBuilder().setHintValue(99).build();
    assertFalse(Wire.decision(newHint, OnUnreachable.OPEN).degraded());
  }

  @Test
  void knownEnums_keepTheirNames() {
    for (io.limiter.v1.Source source : io.limiter.v1.Source.values()) {
      if (!UNKNOWN.contains(source.name())) {
        CheckAndConsumeResponse response =
            CheckAndConsumeResponse.newBuilder().setAllowed(true).setSource(source).build();
        Decision.Admitted admitted =
            (Decision.Admitted) Wire.decision(response, OnUnreachable.OPEN);
        assertEquals(source.name(), admitted.source().name());
      }
    }
    for (io.limiter.v1.Algorithm algorithm : io.limiter.v1.Algorithm.values()) {
      if (!UNKNOWN.contains(algorithm.name())) {
        CheckAndConsumeResponse response =
            CheckAndConsumeResponse.newBuilder()
                .addStatuses(io.limiter.v1.RuleStatus.newBuilder().setAlgorithm(algorithm))
                .build();
        Decision.Denied denied = (Decision.Denied) Wire.decision(response, OnUnreachable.OPEN);
        assertEquals(algorithm.name(), denied.statuses().get(0).algorithm().name());
      }
    }
  }

  @Test
  void kindsOfDenials_keepTheirNames() {
    for (DenialKind kind : DenialKind.values()) {
      if (kind != DenialKind.DENIAL_KIND_UNSPECIFIED && kind != DenialKind.UNRECOGNIZED) {
        CheckAndConsumeResponse response =
            CheckAndConsumeResponse.newBuilder().setKind(kind).build();
        assertEquals(
            kind.name(), Wire.decision(response, OnUnreachable.OPEN).kind().orElseThrow().name());
      }
    }
  }

  @Test
  void refundAndReset_carryWhatTheyAreGiven() throws Exception {
    try (ServiceFake service = new ServiceFake();
        LimiterClient client = service.client().build()) {
      CompletableFuture<Boolean> refunded = client.refundAsync(new Receipt("0a0b"));
      ServiceFake.Asked<RefundRequest, RefundResponse> refund = next(service.refunds);
      assertEquals(ByteString.fromHex("0a0b"), refund.question().getReceipt());
      refund.answer(RefundResponse.newBuilder().setRefunded(true).build());
      assertTrue(refunded.join());

      CompletableFuture<Integer> forgotten =
          client.resetAsync("edge", Map.of("user", "alice"), "per-user", "login");
      ServiceFake.Asked<ResetRequest, ResetResponse> reset = next(service.resets);
      assertEquals(
          ResetRequest.newBuilder()
              .setDomain("edge")
              .putAttributes("user", "alice")
              .addRules("per-user")
              .addRules("login")
              .build(),
          reset.question());
      reset.answer(ResetResponse.newBuilder().setCountersReset(2).build());
      assertEquals(2, forgotten.join());
    }
  }

  @Test
  void receipt_isTheDigitsThatCameOrNone() {
    assertEquals(ByteString.fromHex("00ff"), new Receipt("00ff").bytes());
    for (String wrong : List.of("", "0", "FF", "zz")) {
      assertThrows(IllegalArgumentException.class, () -> new Receipt(wrong), wrong);
    }
  }
}
