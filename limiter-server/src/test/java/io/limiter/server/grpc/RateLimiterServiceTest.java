package io.limiter.server.grpc;

import static io.limiter.server.grpc.Messages.duration;
import static io.limiter.server.grpc.Messages.question;
import static io.limiter.server.grpc.Messages.remaining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DenialKind;
import io.limiter.v1.InlineRule;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.Source;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one question is told. */
class RateLimiterServiceTest {
  private static final long HOUR_MICROS = 3_600_000_000L;

  /** 250 ms and 1 µs into an hour. */
  private long nowMicros = 491_000 * HOUR_MICROS + 250_001;

  private final LocalCounterStore store = new LocalCounterStore(() -> nowMicros);

  @Test
  void admission_saysEverythingExactly() throws Exception {
    Rule hourly = Rules.perUser("hourly", FixedWindow.per(HOUR_MICROS, 10), Rule.Mode.ENFORCE, "");
    Rule tokens =
        Rules.perUser("tokens", TokenBucket.of(1, 1_000_000, 500), Rule.Mode.SHADOW, "tokens");
    Rule queue = Rules.perUser("queue", LeakyBucket.of(2, 1_000_000, 9), Rule.Mode.ENFORCE, "");
    try (Service service = Service.over(store, hourly, tokens, queue)) {
      CheckAndConsumeRequest question =
          question("alice").toBuilder()
              .setCost(3)
              .putUnitCosts("tokens", 120)
              .setRequestId("r-1")
              .build();
      CheckAndConsumeResponse first = service.ask().checkAndConsume(question);
      assertFalse(first.hasDelay());
      CheckAndConsumeResponse second = service.ask().checkAndConsume(question);
      assertEquals(
          CheckAndConsumeResponse.newBuilder()
              .setAllowed(true)
              .setDelay(duration(1, 500_000_000))
              .setSource(Source.REDIS)
              .setRequestId("r-1")
              .addStatuses(
                  RuleStatus.newBuilder()
                      .setRule("hourly")
                      .setAlgorithm(Algorithm.FIXED_WINDOW)
                      .setAllowed(true)
                      .setLimit(10)
                      .setRemaining(4)
                      .setResetAfter(duration(3599, 749_999_000))
                      .setWindow(duration(3600, 0)))
              .addStatuses(
                  RuleStatus.newBuilder()
                      .setRule("tokens")
                      .setAlgorithm(Algorithm.TOKEN_BUCKET)
                      .setAllowed(true)
                      .setLimit(500)
                      .setRemaining(260)
                      .setResetAfter(duration(240, 0))
                      .setWindow(duration(500, 0))
                      .setShadow(true)
                      .setUnit("tokens"))
              .addStatuses(
                  RuleStatus.newBuilder()
                      .setRule("queue")
                      .setAlgorithm(Algorithm.LEAKY_BUCKET)
                      .setAllowed(true)
                      .setLimit(9)
                      .setRemaining(3)
                      .setResetAfter(duration(3, 0))
                      .setWindow(duration(4, 500_000_000)))
              .build(),
          second);
    }
  }

  @Test
  void candidate_hasAStatusOfItsOwn_behindThatOfItsRule() throws Exception {
    Rule live = Rules.perUser("hourly", FixedWindow.per(HOUR_MICROS, 10), Rule.Mode.ENFORCE, "");
    Rule tried = Rules.perUser("hourly", FixedWindow.per(HOUR_MICROS, 2), Rule.Mode.CANDIDATE, "");
    try (Service service = Service.over(store, live, tried)) {
      CheckAndConsumeResponse answer =
          service.ask().checkAndConsume(question("alice").toBuilder().setCost(3).build());
      RuleStatus.Builder both =
          RuleStatus.newBuilder()
              .setRule("hourly")
              .setAlgorithm(Algorithm.FIXED_WINDOW)
              .setWindow(duration(3600, 0));
      assertEquals(
          CheckAndConsumeResponse.newBuilder()
              .setAllowed(true)
              .setSource(Source.REDIS)
              .addStatuses(
                  both.clone()
                      .setAllowed(true)
                      .setLimit(10)
                      .setRemaining(7)
                      .setResetAfter(duration(3599, 749_999_000)))
              .addStatuses(
                  both.clone()
                      .setLimit(2)
                      .setRemaining(2)
                      .setResetAfter(duration(0, 0))
                      .setNever(true)
                      .setShadow(true)
                      .setCandidate(true))
              .build(),
          answer);
    }
  }

  @Test
  void denial_isAnAnswerWithItsRetryAfter() throws Exception {
    Rule log = Rules.perUser("log", new SlidingLog(2, 60_000_000), Rule.Mode.ENFORCE, "");
    try (Service service = Service.over(store, log, Rules.yearly(100))) {
      service.ask().checkAndConsume(question("alice").toBuilder().setCost(2).build());
      nowMicros += 250_001;
      CheckAndConsumeResponse denied = service.ask().checkAndConsume(question("alice"));
      assertFalse(denied.getAllowed());
      assertEquals(duration(59, 749_999_000), denied.getRetryAfter());
      assertEquals(duration(59, 749_999_000), denied.getStatuses(0).getRetryAfter());
      assertTrue(denied.getStatuses(1).getAllowed());
      assertFalse(denied.getStatuses(1).hasRetryAfter());
      assertEquals(98, denied.getStatuses(1).getRemaining());
    }
  }

  @Test
  void never_hasNoRetryAfter() throws Exception {
    try (Service service = Service.over(store, Rules.yearly(2))) {
      CheckAndConsumeResponse never =
          service.ask().checkAndConsume(question("alice").toBuilder().setCost(3).build());
      assertFalse(never.getAllowed());
      assertFalse(never.hasRetryAfter());
      assertTrue(never.getStatuses(0).getNever());
      assertFalse(never.getStatuses(0).hasRetryAfter());
      assertEquals(2, never.getStatuses(0).getRemaining());
    }
  }

  @Test
  void cost_absentIsOneAndZeroLooks() throws Exception {
    try (Service service = Service.over(store, Rules.yearly(5))) {
      assertEquals(4, remaining(service.ask().checkAndConsume(question("alice"))));
      CheckAndConsumeRequest look = question("alice").toBuilder().setCost(0).build();
      assertEquals(4, remaining(service.ask().checkAndConsume(look)));
    }
  }

  @Test
  void noRule_isAdmittedAndSaysSo_andAnUnknownDomainToo() throws Exception {
    try (Service service = Service.over(store, Rules.yearly(5))) {
      CheckAndConsumeRequest nobody = question("alice").toBuilder().clearAttributes().build();
      CheckAndConsumeResponse expected =
          CheckAndConsumeResponse.newBuilder().setAllowed(true).setSource(Source.NO_RULE).build();
      assertEquals(expected, service.ask().checkAndConsume(nobody));
      CheckAndConsumeRequest elsewhere = question("alice").toBuilder().setDomain("other").build();
      assertEquals(
          expected.toBuilder().setSource(Source.UNKNOWN_DOMAIN).build(),
          service.ask().checkAndConsume(elsewhere));
    }
  }

  @Test
  void anUnknownDomain_isDeniedOrRefused_ifTheOperatorSaysSo() throws Exception {
    CheckAndConsumeRequest elsewhere = question("alice").toBuilder().setDomain("other").build();
    try (Service service = ofNothing(UnknownDomain.DENY)) {
      assertEquals(
          CheckAndConsumeResponse.newBuilder().setSource(Source.UNKNOWN_DOMAIN).build(),
          service.ask().checkAndConsume(elsewhere));
    }
    try (Service service = ofNothing(UnknownDomain.ERROR)) {
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class, () -> service.ask().checkAndConsume(elsewhere));
      assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
      assertEquals(
          "domain other has no rules here; check its spelling, or add its rules",
          refused.getStatus().getDescription());
    }
  }

  private Service ofNothing(UnknownDomain unknown) throws IOException {
    return Service.over(
        RequestLimits.DEFAULTS,
        new Limiter(() -> RuleTable.EMPTY, store, DecisionListener.NONE, unknown));
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ALGORITHM_UNSPECIFIED", "UNRECOGNIZED"})
  void inlineRule_isAppliedInsteadOfTheDomains(Algorithm algorithm) throws Exception {
    boolean bucket = Set.of(Algorithm.TOKEN_BUCKET, Algorithm.LEAKY_BUCKET).contains(algorithm);
    InlineRule.Builder rule =
        InlineRule.newBuilder().setName("mine").addKey("user").setAlgorithm(algorithm);
    if (bucket) {
      rule.setCapacity(3).setRate(1).setPeriod(duration(28_800, 0));
    } else if (algorithm == Algorithm.CONCURRENCY_LIMIT) {
      rule.setLimit(3).setHold(duration(86_400, 0));
    } else {
      rule.setLimit(3).setWindow(duration(86_400, 0));
    }
    try (Service service = Service.over(store, Rules.yearly(0))) {
      CheckAndConsumeRequest question =
          question("alice").toBuilder().addInlineRules(rule).setCost(2).build();
      CheckAndConsumeResponse admitted = service.ask().checkAndConsume(question);
      assertTrue(admitted.getAllowed());
      assertEquals(1, admitted.getStatusesCount());
      RuleStatus status = admitted.getStatuses(0);
      assertEquals("mine", status.getRule());
      assertEquals(algorithm, status.getAlgorithm());
      assertEquals(3, status.getLimit());
      assertEquals(1, status.getRemaining());
      assertEquals(duration(86_400, 0), status.getWindow());
      CheckAndConsumeResponse denied = service.ask().checkAndConsume(question);
      assertFalse(denied.getAllowed());
      assertEquals(
          algorithm == Algorithm.CONCURRENCY_LIMIT,
          denied.getKind() == DenialKind.CONCURRENCY,
          () -> "" + denied);
    }
  }

  /** Neither the message, which may name an address, nor its cause goes out. */
  @ParameterizedTest
  @EnumSource
  void storeFailures_areToldByTheirKind_withTheRemedy_andNothingOfTheServer(
      StoreException.Kind kind) throws Exception {
    HeldStore held = new HeldStore();
    try (Service service = Service.over(held, Rules.yearly(2))) {
      StoreException cause =
          new StoreException(kind, "secret", new IllegalStateException("redis://secret"));
      StatusRuntimeException failed = failure(service, held, cause);
      String told = kind.name().toLowerCase(Locale.ROOT) + ": " + cause.told();
      Status.Code code =
          switch (kind) {
            case OVERLOADED -> Status.Code.RESOURCE_EXHAUSTED;
            case UNREADABLE, INTERNAL -> Status.Code.INTERNAL;
            default -> Status.Code.UNAVAILABLE;
          };
      assertEquals(code, failed.getStatus().getCode());
      assertEquals(
          code == Status.Code.UNAVAILABLE ? told + "; go by your own policy meanwhile" : told,
          failed.getStatus().getDescription());
      if (kind == StoreException.Kind.OVERLOADED) {
        assertEquals(
            duration(0, 50_000_000),
            StatusProto.fromThrowable(failed)
                .getDetails(0)
                .unpack(RetryInfo.class)
                .getRetryDelay());
      }
    }
  }

  @Test
  void noAnswerInTime_saysHowLongItWasWaitedFor_andWhatSetsIt() throws Exception {
    HeldStore held = new HeldStore();
    try (Service service = Service.over(held, Rules.yearly(2))) {
      StatusRuntimeException late =
          failure(
              service,
              held,
              StoreException.timeout(java.time.Duration.ofMillis(15), "redis://secret:1"));
      assertEquals(
          "timeout: Redis did not answer within 15 ms; look for what slows it down, or wait"
              + " longer: by the call's deadline (up to --decision-deadline-max), or without one by"
              + " --decision-deadline; go by your own policy meanwhile",
          late.getStatus().getDescription());
    }
  }

  @Test
  void anyOtherFailure_isInternal_andSaysNothing() throws Exception {
    HeldStore held = new HeldStore();
    try (Service service = Service.over(held, Rules.yearly(2))) {
      StatusRuntimeException defect = failure(service, held, new IllegalStateException("secret"));
      assertEquals(Status.Code.INTERNAL, defect.getStatus().getCode());
      assertEquals(
          "internal: the service failed to decide; its log says why",
          defect.getStatus().getDescription());
    }
  }

  private static StatusRuntimeException failure(
      Service service, HeldStore held, RuntimeException cause) throws InterruptedException {
    var answer = new CompletableFuture<CheckAndConsumeResponse>();
    service.askAsync().checkAndConsume(question("alice"), new One<>(answer, r -> r));
    held.next().fail(cause);
    Throwable told = assertThrows(Exception.class, answer::get).getCause();
    return assertInstanceOf(StatusRuntimeException.class, told);
  }
}
