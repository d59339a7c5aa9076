package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DenialKind;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.Hint;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RuleExplanation;
import io.limiter.v1.RuleStatus;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A rule of holds with everything else that a rule may have. The time is the test's. */
class ConcurrencyRulesTest {
  private static final String RULES =
      """
      domain: edge
      rules:
        - name: jobs
          key: [user]
          algorithm: concurrency
          limit: 10
          hold: 1m
          learn: true
          priorities: { default: 50%, interactive: 100% }
          degrade-above: 20%
          soft: [80%]
          candidate: { limit: 4 }
          overrides:
            - when: { plan: gold }
              limit: 20
              hold: 2m
              candidate: { algorithm: fixed-window, window: day }
            - when: { plan: staff }
              unlimited: true
        - name: tried
          key: [user]
          algorithm: concurrency
          limit: 1
          hold: 1h
          mode: shadow
      """;

  private final AtomicLong now = new AtomicLong(1_800_000_000_000_000L);
  private Service service;

  @BeforeEach
  void start() throws IOException {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("edge.yaml", RULES)));
    assertEquals(List.of(), loaded.problems());
    LocalCounterStore store = new LocalCounterStore(now::get);
    service =
        Service.over(
            RequestLimits.DEFAULTS,
            new Limiter(loaded::table, store, DecisionListener.NONE, UnknownDomain.ERROR));
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static CheckAndConsumeRequest question(String priority, String plan) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("edge")
        .putAttributes("user", "alice")
        .putAttributes("plan", plan)
        .setPriority(priority)
        .setWantReceipt(true)
        .build();
  }

  private CheckAndConsumeResponse ask(String priority, String plan) {
    return service.ask().checkAndConsume(question(priority, plan));
  }

  private ByteString admitted(String priority, String plan) {
    CheckAndConsumeResponse response = ask(priority, plan);
    assertTrue(response.getAllowed(), response::toString);
    return response.getReceipt();
  }

  @Test
  void aLowPriority_leavesRoom_andADenialSaysThatTooMuchIsHeld() {
    assertEquals(Hint.HINT_UNSPECIFIED, ask("", "").getHint());
    admitted("", "");
    assertEquals(Hint.DEGRADE, ask("", "").getHint());
    admitted("", "");
    admitted("", "");
    now.addAndGet(10_000_000);
    CheckAndConsumeResponse denied = ask("", "");
    assertFalse(denied.getAllowed());
    assertEquals(DenialKind.CONCURRENCY, denied.getKind());
    assertEquals(Messages.duration(50, 0), denied.getRetryAfter());
    for (int i = 0; i < 5; i++) {
      admitted("interactive", "");
    }
    RuleStatus full = ask("interactive", "").getStatuses(0);
    assertFalse(full.getAllowed());
    assertEquals(10, full.getLimit());
    assertEquals(Messages.duration(50, 0), full.getRetryAfter());
    assertEquals(Messages.duration(60, 0), full.getWindow());
    now.addAndGet(60_000_000);
    assertEquals(4, ask("", "").getStatuses(0).getRemaining());
  }

  @Test
  void whatIsGivenBack_makesRoomAtOnce() {
    ByteString receipt = admitted("", "");
    for (int i = 0; i < 4; i++) {
      admitted("", "");
    }
    assertFalse(ask("", "").getAllowed());
    assertTrue(
        service.ask().refund(RefundRequest.newBuilder().setReceipt(receipt).build()).getRefunded());
    admitted("", "");
    assertFalse(ask("", "").getAllowed());
  }

  @Test
  void anOverride_countsOnTheSameCounter_byALimitAndAHoldOfItsOwn() {
    for (int i = 0; i < 5; i++) {
      admitted("", "");
    }
    for (int i = 0; i < 5; i++) {
      admitted("", "gold");
    }
    CheckAndConsumeResponse denied = ask("", "gold");
    assertEquals(10, denied.getStatuses(0).getLimit());
    assertEquals(Messages.duration(60, 0), denied.getRetryAfter());
    admitted("", "staff");
  }

  @Test
  void candidatesAndShadows_sayWhatTheyWould_andDenyNobody() {
    for (int i = 0; i < 4; i++) {
      admitted("", "");
    }
    List<RuleStatus> statuses = ask("", "").getStatusesList();
    assertEquals(
        List.of("jobs", "jobs", "tried"), statuses.stream().map(RuleStatus::getRule).toList());
    assertEquals(
        List.of(true, false, false), statuses.stream().map(RuleStatus::getAllowed).toList());
    RuleExplanation jobs =
        service
            .ask()
            .explain(
                ExplainRequest.newBuilder()
                    .setDomain("edge")
                    .putAttributes("user", "alice")
                    .build())
            .getRules(0);
    assertEquals("concurrency 10 at once, hold 1m", jobs.getCounter().getLimit());
    assertTrue(jobs.getCounter().getKey().endsWith(":jobs:h:alice"), jobs::toString);
    assertEquals("concurrency 4 at once, hold 1m", jobs.getCandidate().getLimit());
  }
}
