package io.limiter.server.grpc;

import static io.limiter.server.grpc.Messages.question;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.BadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.SlidingLog;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.FailureKind;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What several questions are told of which at most one is charged. */
class CheckAnyTest {
  private static final long HOUR_MICROS = 3_600_000_000L;

  /** A quarter of an hour before one ends. */
  private final long nowMicros = 491_000 * HOUR_MICROS + HOUR_MICROS * 3 / 4;

  private final LocalCounterStore store = new LocalCounterStore(() -> nowMicros);
  private final List<Verdict> heard = new ArrayList<>();
  private Service service;

  @BeforeEach
  void start() throws Exception {
    Rule hourly = Rules.perUser("hourly", FixedWindow.per(HOUR_MICROS, 2), Rule.Mode.ENFORCE, "");
    Limiter limiter =
        Limiters.over(
            store,
            new DecisionListener() {
              @Override
              public void decided(String domain, Verdict verdict, long tookNanos) {
                heard.add(verdict);
              }

              @Override
              public void failed(String domain, FailureKind kind, long tookNanos) {}
            },
            hourly);
    service = Service.over(RequestLimits.DEFAULTS, limiter);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static CheckAndConsumeRequest named(String user) {
    return question(user).toBuilder().setRequestId(user + "-1").build();
  }

  private CheckAnyResponse ask(CheckAndConsumeRequest... alternatives) {
    return service
        .ask()
        .checkAny(CheckAnyRequest.newBuilder().addAllAlternatives(List.of(alternatives)).build());
  }

  private CheckAndConsumeResponse spend(String user, int cost) {
    return service.ask().checkAndConsume(question(user).toBuilder().setCost(cost).build());
  }

  @Test
  void theChosenOne_andThoseBeforeIt_areToldAsIfAskedAlone() {
    spend("alice", 2);
    CheckAnyResponse answer = ask(named("alice"), named("bob"), named("carol"));
    assertEquals(1, answer.getChosen());
    assertEquals("bob-1", answer.getResponse().getRequestId());
    assertTrue(answer.getResponse().getAllowed());
    assertEquals(1, answer.getResponse().getStatuses(0).getRemaining());
    assertEquals(1, answer.getDeniedCount());
    assertEquals("alice-1", answer.getDenied(0).getRequestId());
    assertEquals(900, answer.getDenied(0).getRetryAfter().getSeconds());
    assertEquals(2, spend("carol", 0).getStatuses(0).getRemaining());
  }

  @Test
  void noneAdmitted_tellsOfTheOneThatIsSoonest() {
    spend("alice", 2);
    SlidingLog log = new SlidingLog(1, 600_000_000L);
    CheckAndConsumeRequest sooner =
        CheckAndConsumeRequest.newBuilder()
            .setDomain("d")
            .setRequestId("sooner")
            .addInlineRules(
                io.limiter.v1.InlineRule.newBuilder()
                    .setName("own")
                    .setAlgorithm(io.limiter.v1.Algorithm.SLIDING_LOG)
                    .setLimit(log.limit())
                    .setWindow(Messages.duration(600, 0)))
            .build();
    assertTrue(service.ask().checkAndConsume(sooner).getAllowed());
    CheckAnyResponse answer = ask(named("alice"), sooner, named("alice"));
    assertEquals(-1, answer.getChosen());
    assertEquals("sooner", answer.getResponse().getRequestId());
    assertEquals(600, answer.getResponse().getRetryAfter().getSeconds());
    assertEquals(
        List.of("alice-1", "sooner", "alice-1"),
        answer.getDeniedList().stream().map(CheckAndConsumeResponse::getRequestId).toList());
  }

  @Test
  void anAlternativeWithoutRules_isAdmitted_andEndsTheList() {
    spend("alice", 2);
    CheckAndConsumeRequest free =
        question("x").toBuilder().clearAttributes().putAttributes("other", "x").build();
    CheckAnyResponse answer = ask(named("alice"), free, named("bob"));
    assertEquals(1, answer.getChosen());
    assertEquals(Source.NO_RULE, answer.getResponse().getSource());
    assertEquals(0, ask(free, named("bob")).getChosen());
    assertEquals(2, spend("bob", 0).getStatuses(0).getRemaining());
  }

  /** A pool that is used up is seen in its rules, and a caller who was served is no denial. */
  @Test
  void listeners_hearOneDecision_withWhatEachRuleSaid() {
    spend("alice", 2);
    heard.clear();
    ask(named("alice"), named("bob"));
    assertEquals(1, heard.size());
    assertTrue(heard.get(0).allowed());
    assertEquals(
        List.of(false, true),
        heard.get(0).statuses().stream().map(status -> status.outcome().admits()).toList());
  }

  @Test
  void repetition_isToldOfTheOneThatWasCharged() {
    spend("alice", 2);
    CheckAndConsumeRequest[] keyed = {
      named("alice").toBuilder().setIdempotencyKey("k").build(),
      named("bob").toBuilder().setIdempotencyKey("k").setWantReceipt(true).build()
    };
    CheckAnyResponse first = ask(keyed);
    service
        .ask()
        .reset(
            ResetRequest.newBuilder()
                .setDomain(keyed[0].getDomain())
                .putAllAttributes(keyed[0].getAttributesMap())
                .build());
    CheckAnyResponse again = ask(keyed);
    assertEquals(1, again.getChosen());
    assertEquals(first.getResponse(), again.getResponse());
    assertEquals(0, again.getDeniedCount());
    assertEquals(2, spend("alice", 0).getStatuses(0).getRemaining());
    StatusRuntimeException conflict =
        assertThrows(StatusRuntimeException.class, () -> ask(keyed[0], keyed[1], keyed[1]));
    assertEquals(
        "alternatives[1]: idempotency_key \"k\" was used within the last minute for another"
            + " question; use a new key for each question",
        conflict.getStatus().getDescription());
  }

  @Test
  void mistakes_nameTheAlternative() throws Exception {
    assertEquals("alternatives: alternatives has 0 entries; use 1 to 16", refused());
    assertEquals(
        "alternatives: alternatives has 17 entries; use 1 to 16",
        refused(
            IntStream.range(0, 17)
                .mapToObj(i -> named("u"))
                .toArray(CheckAndConsumeRequest[]::new)));
    assertEquals(
        "alternatives[1].domain: alternatives[1].domain is empty; use 1 to 128 bytes",
        refused(named("a"), named("b").toBuilder().clearDomain().build()));
    assertEquals(
        "alternatives[1].idempotency_key: alternatives[1].idempotency_key is empty, unlike that of"
            + " alternatives[0]; give one to each alternative or to none",
        refused(named("a").toBuilder().setIdempotencyKey("k").build(), named("b")));
  }

  private String refused(CheckAndConsumeRequest... alternatives) throws Exception {
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> ask(alternatives));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    BadRequest.FieldViolation violation =
        StatusProto.fromThrowable(refused)
            .getDetails(0)
            .unpack(BadRequest.class)
            .getFieldViolations(0);
    return violation.getField() + ": " + violation.getDescription();
  }
}
