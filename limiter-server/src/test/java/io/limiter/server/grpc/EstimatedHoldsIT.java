package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.RuleExplanation;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.SettleRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Guesses that are corrected by what was used of earlier ones, from a rules file to the counter.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EstimatedHoldsIT {
  private static final String RULES =
      """
      domain: llm
      rules:
        - name: tokens
          when: { rule: tokens }
          key: [user]
          unit: tokens
          algorithm: fixed-window
          limit: 100_000
          window: 366d
          hold: 5m
          estimate: p95
        - name: plain
          when: { rule: plain }
          key: [user]
          unit: tokens
          algorithm: fixed-window
          limit: 100_000
          window: 366d
          hold: 5m
        - name: money
          when: { rule: money }
          key: [user]
          unit: micro_usd
          charge: { tokens: 0.5, cached: 0.000001 }
          algorithm: fixed-window
          limit: 100_000
          window: 366d
          hold: 5m
          estimate: p50
          mode: shadow
          candidate: { limit: 50_000 }
      """;

  private static final int LEARNED = 20;

  private RedisCounterStore redis;
  private Service service;

  @BeforeAll
  void start() throws IOException {
    redis =
        RedisCounterStore.connect(Patient.settings(TestRedis.shared().uri()), StoreListener.NONE);
    Await.until(redis::connected);
    service = over(redis);
  }

  @AfterAll
  void stop() {
    service.close();
    redis.close();
  }

  private static Service over(CounterStore store) throws IOException {
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("llm.yaml", RULES)));
    assertEquals(List.of(), loaded.problems());
    return Service.over(
        RequestLimits.DEFAULTS,
        new Limiter(loaded::table, store, DecisionListener.NONE, UnknownDomain.ERROR));
  }

  private static String someone() {
    return UUID.randomUUID().toString();
  }

  private static CheckAndConsumeRequest check(String rule, String user, long tokens) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("llm")
        .putAttributes("rule", rule)
        .putAttributes("user", user)
        .putUnitCosts("tokens", tokens)
        .build();
  }

  private static CheckAndConsumeRequest reserve(String rule, String user, long tokens) {
    return check(rule, user, tokens).toBuilder()
        .setHold(Duration.newBuilder().setSeconds(300))
        .build();
  }

  private static CheckAndConsumeResponse admitted(Service asked, CheckAndConsumeRequest request) {
    CheckAndConsumeResponse answer = asked.ask().checkAndConsume(request);
    assertTrue(answer.getAllowed(), answer::toString);
    return answer;
  }

  private static HoldEnd settle(Service asked, ByteString receipt, long tokens) {
    return asked
        .ask()
        .settle(
            SettleRequest.newBuilder().setReceipt(receipt).putUnitCosts("tokens", tokens).build())
        .getEnd();
  }

  /** Uses so much of so many guesses. */
  private static void learn(
      Service asked, String rule, String user, int times, long guessed, long used) {
    for (int i = 0; i < times; i++) {
      ByteString receipt = admitted(asked, reserve(rule, user, guessed)).getReceipt();
      assertEquals(HoldEnd.ENDED, settle(asked, receipt, used));
    }
  }

  /** What a guess is corrected to; the hold is released. */
  private static long held(Service asked, String rule, String user, long guess) {
    CheckAndConsumeResponse answer = admitted(asked, reserve(rule, user, guess));
    asked.ask().release(ReleaseRequest.newBuilder().setReceipt(answer.getReceipt()).build());
    RuleStatus status = answer.getStatuses(0);
    long held = status.getEstimated() == 0 ? guess : status.getEstimated();
    assertEquals(held == guess ? 0 : guess, status.getGuessed());
    assertEquals(held, status.getHeld(), "nothing else is held");
    return held;
  }

  private RuleExplanation explained(String rule, String user) {
    return service
        .ask()
        .explain(
            ExplainRequest.newBuilder()
                .setDomain("llm")
                .putAttributes("rule", rule)
                .putAttributes("user", user)
                .build())
        .getRulesList()
        .stream()
        .filter(RuleExplanation::getApplies)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsHeld_fallsToTheQuantileOfWhatIsUsed_soMoreCallersFit_andTheSumStaysExact()
      throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String user = someone();
    List<Long> used = new ArrayList<>();
    long sum = 0;
    try (Service fresh = over(redis)) {
      for (int i = 0; i < 200; i++) {
        CheckAndConsumeResponse answer = admitted(fresh, reserve("tokens", user, 4_000));
        RuleStatus status = answer.getStatuses(0);
        if (i < LEARNED) {
          assertEquals(0, status.getEstimated());
          assertEquals(4_000, status.getHeld());
        } else {
          List<Long> sorted = used.stream().sorted().toList();
          int rank = (95 * i + 99) / 100;
          long p95 = sorted.get(rank - 1);
          assertEquals(4_000, status.getGuessed());
          assertEquals(status.getEstimated(), status.getHeld());
          assertTrue(
              status.getHeld() >= p95 && status.getHeld() <= 1.0906 * p95 + 1,
              "seed " + seed + ": " + status.getHeld() + " for " + p95);
        }
        assertEquals(100_000 - sum - status.getHeld(), status.getRemaining());
        long tokens = random.nextLong(350, 451);
        assertEquals(HoldEnd.ENDED, settle(fresh, answer.getReceipt(), tokens));
        used.add(tokens);
        sum += tokens;
        assertEquals(
            100_000 - sum, Messages.remaining(fresh.ask().checkAndConsume(look("tokens", user))));
      }
      List<ByteString> open = new ArrayList<>();
      CheckAndConsumeResponse next = fresh.ask().checkAndConsume(reserve("tokens", user, 4_000));
      long each = next.getStatuses(0).getEstimated();
      while (next.getAllowed()) {
        open.add(next.getReceipt());
        next = fresh.ask().checkAndConsume(reserve("tokens", user, 4_000));
      }
      assertEquals(4_000, next.getStatuses(0).getGuessed(), "a denial tells it too");
      assertEquals((100_000 - sum) / each, open.size());
      assertTrue(open.size() > 5 * ((100_000 - sum) / 4_000), () -> open.size() + " fit");
      for (ByteString receipt : open) {
        assertEquals(HoldEnd.ENDED, settle(fresh, receipt, 17));
      }
      RuleStatus last = fresh.ask().checkAndConsume(look("tokens", user)).getStatuses(0);
      assertEquals(100_000 - sum - 17L * open.size(), last.getRemaining());
      assertEquals(0, last.getHeld());
    }
  }

  private static CheckAndConsumeRequest look(String rule, String user) {
    return check(rule, user, 0);
  }

  @Test
  void aRuleThatDoesNotSayIt_holdsWhatIsGuessed() {
    String user = someone();
    learn(service, "plain", user, LEARNED + 5, 1_000, 100);
    assertEquals(1_000, held(service, "plain", user, 1_000));
    assertEquals("", explained("plain", user).getCounter().getEstimate());
    assertFalse(explained("plain", user).getCounter().getLimit().contains("estimate"));
  }

  @Test
  void aKeyWithoutHistory_goesByThatOfTheRule_andExplainTellsWhich() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      assertEquals(1_000, held(fresh, "tokens", user, 1_000));
      learn(fresh, "tokens", user, LEARNED, 1_000, 125);
      String other = someone();
      assertEquals(125, held(fresh, "tokens", other, 1_000));
      learn(fresh, "tokens", other, LEARNED, 1_000, 500);
      assertEquals(500, held(fresh, "tokens", other, 1_000));
      assertEquals(125, held(fresh, "tokens", user, 1_000));
      assertEquals(1_000, held(service, "plain", user, 1_000));
    }
    assertEquals(
        "a guess is held whole until 20 settlements are known",
        explained("money", user).getCounter().getEstimate());
    learn(service, "money", user, LEARNED, 1_000, 250);
    RuleExplanation own = explained("money", user);
    assertEquals(
        "0.25 of a guess is held, by 20 settlements of this key", own.getCounter().getEstimate());
    assertTrue(own.getCounter().getLimit().contains(", estimate p50"), own::toString);
    assertEquals(
        "0.25 of a guess is held, by 20 settlements of this key", own.getCandidate().getEstimate());
    assertEquals(
        "0.25 of a guess is held, by 20 settlements of all keys",
        explained("money", someone()).getCounter().getEstimate());
  }

  @Test
  void ofShadowsCandidatesAndWeightedSums_theSumIsCorrected() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      learn(fresh, "money", user, LEARNED, 2_000, 500);
      CheckAndConsumeResponse answer = admitted(fresh, reserve("money", user, 3_001));
      assertEquals(2, answer.getStatusesCount());
      for (RuleStatus status : answer.getStatusesList()) {
        assertEquals(1_501, status.getGuessed(), "half of it in whole units, rounded up");
        assertEquals(376, status.getEstimated(), "375.125");
        assertEquals(376, status.getHeld());
      }
      settle(fresh, answer.getReceipt(), 101);
      answer = fresh.ask().checkAndConsume(look("money", user));
      assertEquals(100_000 - 5_000 - 51, answer.getStatuses(0).getRemaining());
      assertEquals(50_000 - 5_000 - 51, answer.getStatuses(1).getRemaining());
    }
  }

  @Test
  void onlyWhatIsHeldIsCorrected_andNeverToNothing() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      learn(fresh, "tokens", user, LEARNED, 1_000, 0);
      assertEquals(1, held(fresh, "tokens", user, 1));
      assertEquals(16, held(fresh, "tokens", user, 1_000), "a sixty-fourth at least");
      RuleStatus checked = admitted(fresh, check("tokens", user, 1_000)).getStatuses(0);
      assertEquals(99_000, checked.getRemaining());
      assertEquals(0, checked.getEstimated());
      RuleStatus free = admitted(fresh, reserve("tokens", user, 0)).getStatuses(0);
      assertEquals(99_000, free.getRemaining());
      assertEquals(0, free.getGuessed());
    }
  }

  @Test
  void moreThanWasGuessed_isNeverHeld() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      learn(fresh, "tokens", user, LEARNED, 100, 300);
      assertEquals(100, held(fresh, "tokens", user, 100));
    }
  }

  @Test
  void anExtensionIsNotCorrected_andCountsAsGuessed() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      for (int i = 0; i < 3 * LEARNED; i++) {
        CheckAndConsumeResponse answer = admitted(fresh, reserve("tokens", user, 500));
        long before = answer.getStatuses(0).getHeld();
        RuleStatus grown =
            fresh
                .ask()
                .extend(
                    ExtendRequest.newBuilder()
                        .setReceipt(answer.getReceipt())
                        .setHold(Duration.newBuilder().setSeconds(300))
                        .putMoreUnitCosts("tokens", 500)
                        .build())
                .getStatuses(0);
        assertEquals(before + 500, grown.getHeld());
        assertEquals(HoldEnd.ENDED, settle(fresh, answer.getReceipt(), 250));
      }
      assertEquals(250, held(fresh, "tokens", user, 1_000));
    }
  }

  @Test
  void whatWasSettledBefore_isNotLearnedAgain() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      learn(fresh, "tokens", user, LEARNED - 2, 1_000, 100);
      ByteString receipt = admitted(fresh, reserve("tokens", user, 1_000)).getReceipt();
      assertEquals(HoldEnd.ENDED, settle(fresh, receipt, 100));
      for (int i = 0; i < LEARNED; i++) {
        assertEquals(HoldEnd.ENDED_BEFORE, settle(fresh, receipt, 100));
      }
      assertEquals(1_000, held(fresh, "tokens", user, 1_000), "one is missing, none released");
      learn(fresh, "tokens", user, 1, 1_000, 100);
      assertTrue(held(fresh, "tokens", user, 1_000) < 110);
    }
  }

  @Test
  void whatExpiredBefore_isNotLearned() throws IOException {
    AtomicLong now = new AtomicLong(1_800_000_000_000_000L);
    String user = someone();
    try (Service fresh = over(new LocalCounterStore(now::get))) {
      for (int i = 0; i < 2 * LEARNED; i++) {
        ByteString receipt = admitted(fresh, reserve("tokens", user, 1_000)).getReceipt();
        now.addAndGet(301_000_000);
        assertEquals(HoldEnd.EXPIRED, settle(fresh, receipt, 100));
      }
      assertEquals(1_000, held(fresh, "tokens", user, 1_000));
    }
  }

  @Test
  void whatIsReleased_isNotLearned() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      for (int i = 0; i < 2 * LEARNED; i++) {
        assertEquals(1_000, held(fresh, "tokens", user, 1_000));
      }
    }
  }

  @Test
  void aRepeatedAnswer_teachesNothing() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      for (int i = 0; i < 2 * LEARNED; i++) {
        CheckAndConsumeRequest request =
            reserve("tokens", user, 1_000).toBuilder().setIdempotencyKey(someone()).build();
        admitted(fresh, request);
        assertEquals(HoldEnd.ENDED, settle(fresh, admitted(fresh, request).getReceipt(), 100));
      }
      assertEquals(1_000, held(fresh, "tokens", user, 1_000));
    }
  }

  @Test
  void aRepeatedAnswer_tellsNoEstimate_andTheSumStaysExact() throws IOException {
    String user = someone();
    try (Service fresh = over(redis)) {
      learn(fresh, "tokens", user, LEARNED, 1_000, 100);
      CheckAndConsumeRequest request =
          reserve("tokens", user, 1_000).toBuilder().setIdempotencyKey(someone()).build();
      CheckAndConsumeResponse first = admitted(fresh, request);
      assertTrue(first.getStatuses(0).getEstimated() > 0);
      for (int i = 0; i < LEARNED; i++) {
        learn(fresh, "tokens", user, 1, 1_000, 900);
      }
      CheckAndConsumeResponse again = admitted(fresh, request);
      assertEquals(0, again.getStatuses(0).getEstimated());
      assertEquals(HoldEnd.ENDED, settle(fresh, again.getReceipt(), 100));
      assertEquals(HoldEnd.ENDED_BEFORE, settle(fresh, first.getReceipt(), 100));
      assertEquals(
          100_000 - LEARNED * 1_000L - 100,
          Messages.remaining(fresh.ask().checkAndConsume(look("tokens", user))));
    }
  }

  @Test
  void alternativesAreCorrectedEachByItsOwn() throws IOException {
    String full = someone();
    String other = someone();
    try (Service fresh = over(redis)) {
      learn(fresh, "tokens", full, LEARNED, 1_000, 500);
      learn(fresh, "tokens", other, LEARNED, 1_000, 250);
      long left = Messages.remaining(fresh.ask().checkAndConsume(look("tokens", full)));
      admitted(fresh, check("tokens", full, left - 1));
      var any =
          fresh
              .ask()
              .checkAny(
                  CheckAnyRequest.newBuilder()
                      .addAlternatives(reserve("tokens", full, 4_000))
                      .addAlternatives(reserve("tokens", other, 4_000))
                      .build());
      assertEquals(1, any.getChosen());
      assertEquals(2_000, any.getDenied(0).getStatuses(0).getEstimated());
      assertEquals(1_000, any.getResponse().getStatuses(0).getEstimated());
      assertEquals(1_000, any.getResponse().getStatuses(0).getHeld());
      assertEquals(
          Collections.nCopies(2, 4_000L),
          List.of(
              any.getDenied(0).getStatuses(0).getGuessed(),
              any.getResponse().getStatuses(0).getGuessed()));
    }
  }
}
