package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lettuce.core.RedisClient;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DenialKind;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RuleStatus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Budgets in money, from a rules file through the service to Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MoneyIT {
  private static final String RULES =
      """
      domain: ai
      rules:
        - name: budget
          when: { rule: budget }
          key: [team]
          unit: micro_usd
          charge: { input_tokens: 3, output_tokens: 15, cached_tokens: 0.3, requests: 0.000001 }
          algorithm: fixed-window
          limit: 25_000
          window: 366d
          overrides:
            - when: { model: small }
              charge: { input_tokens: 0.15, output_tokens: 0.6 }
            - when: { model: local }
              unlimited: true
        - name: levels
          when: { rule: levels }
          key: [team]
          unit: micro_usd
          charge: { tokens: 0.5 }
          algorithm: fixed-window
          limit: 101
          window: 366d
          candidate: { limit: 100 }
          priorities: { high: 100%, default: 50% }
          soft: [40%]
        - name: bucket
          when: { rule: bucket }
          key: [team]
          unit: milli_usd
          charge: { tokens: 0.001 }
          algorithm: token-bucket
          rate: 1/366d
          burst: 1
          mode: shadow
        - name: prepaid
          when: { rule: prepaid }
          key: [team]
          unit: micro_usd
          charge: { tokens: 2.5 }
          algorithm: fixed-window
          limit: 10
          window: never
          on-redis-failure: closed
        - name: monthly
          when: { rule: monthly }
          key: [team]
          unit: micro_usd
          charge: { tokens: 0.5 }
          algorithm: fixed-window
          limit: 100
          window: month
          zone: Europe/Berlin
          from: "{billing_day}"
          candidate: { limit: 50 }
          overrides:
            - when: { plan: gold }
              limit: 1000
            - when: { plan: paper }
              from: 15
            - when: { plan: trial }
              window: day
      """;

  private static final int CALLERS = 16;

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private RuleTable rules;
  private RedisCounterStore store;
  private Service service;

  @BeforeAll
  void start() throws Exception {
    store =
        RedisCounterStore.connect(Patient.settings(TestRedis.shared().uri()), StoreListener.NONE);
    Await.until(store::connected);
    LoadedRules loaded = RuleFiles.load(List.of(new RuleFiles.Source("ai.yaml", RULES)));
    assertEquals(List.of(), loaded.problems());
    rules = loaded.table();
    service =
        Service.over(
            RequestLimits.DEFAULTS, new Limiter(loaded::table, store, DecisionListener.NONE));
  }

  @AfterAll
  void stop() {
    service.close();
    store.close();
  }

  private static CheckAndConsumeRequest question(
      String rule, String team, Map<String, Long> amounts) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("ai")
        .putAttributes("rule", rule)
        .putAttributes("team", team)
        .putAllUnitCosts(amounts)
        .build();
  }

  private static CheckAndConsumeRequest ofModel(CheckAndConsumeRequest question, String model) {
    return question.toBuilder().putAttributes("model", model).build();
  }

  private CheckAndConsumeResponse ask(CheckAndConsumeRequest question) {
    return service.ask().checkAndConsume(question);
  }

  private static String someone() {
    return UUID.randomUUID().toString();
  }

  private static BigDecimal price(CheckAndConsumeRequest question) {
    Map<String, String> prices =
        question.getAttributesOrDefault("model", "").equals("small")
            ? Map.of("input_tokens", "0.15", "output_tokens", "0.6")
            : Map.of("input_tokens", "3", "output_tokens", "15", "cached_tokens", "0.3");
    BigDecimal sum =
        question.getAttributesOrDefault("model", "").equals("small")
            ? BigDecimal.ZERO
            : new BigDecimal("0.000001");
    for (Map.Entry<String, Long> amount : question.getUnitCostsMap().entrySet()) {
      sum =
          sum.add(
              new BigDecimal(prices.getOrDefault(amount.getKey(), "0"))
                  .multiply(BigDecimal.valueOf(amount.getValue())));
    }
    return sum;
  }

  @Test
  void aBudget_isExact_whateverManyCallersSpendAtOnce() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String team = someone();
    List<CheckAndConsumeRequest> questions = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      CheckAndConsumeRequest one =
          question(
              "budget",
              team,
              Map.of(
                  "input_tokens", (long) random.nextInt(20),
                  "output_tokens", (long) random.nextInt(3),
                  "cached_tokens", (long) random.nextInt(50),
                  "images", 7L));
      questions.add(random.nextBoolean() ? ofModel(one, "small") : one);
    }
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    List<Future<CheckAndConsumeResponse>> asked = new ArrayList<>();
    questions.forEach(question -> asked.add(callers.submit(() -> ask(question))));
    BigDecimal spent = BigDecimal.ZERO;
    BigDecimal cheapestDenied = BigDecimal.valueOf(Long.MAX_VALUE);
    for (int i = 0; i < asked.size(); i++) {
      BigDecimal price = price(questions.get(i));
      if (asked.get(i).get().getAllowed()) {
        spent = spent.add(price);
      } else {
        cheapestDenied = cheapestDenied.min(price);
      }
    }
    callers.shutdown();
    BigDecimal left = new BigDecimal(25_000).subtract(spent);
    assertTrue(left.signum() >= 0, "seed " + seed + ": overspent by " + left.negate());
    assertTrue(cheapestDenied.compareTo(left) > 0, "seed " + seed + ": " + left + " were left");
    RuleStatus status =
        ask(question("budget", team, Map.of()).toBuilder().setCost(0).build()).getStatuses(0);
    assertEquals("micro_usd", status.getUnit());
    assertEquals(25_000, status.getLimit());
    assertEquals(
        left.setScale(0, RoundingMode.DOWN).longValueExact(),
        status.getRemaining(),
        "seed " + seed);
  }

  @Test
  void fractionsOfTheUnit_areNeverLost_andRoundedOnlyWhenTheyAreTold() {
    CheckAndConsumeRequest cached =
        question("budget", someone(), Map.of("cached_tokens", 1L)).toBuilder().setCost(0).build();
    for (long left : new long[] {24_999, 24_999, 24_999, 24_998, 24_998, 24_998, 24_997}) {
      assertEquals(left, Messages.remaining(ask(cached)));
    }
    CheckAndConsumeRequest rest =
        cached.toBuilder().clearUnitCosts().putUnitCosts("cached_tokens", 83_326).build();
    assertEquals(0, Messages.remaining(ask(rest)), "0.1 of 25000 are left");
    assertFalse(ask(cached).getAllowed());
    CheckAndConsumeRequest call = cached.toBuilder().clearUnitCosts().setCost(100_000).build();
    assertTrue(ask(call).getAllowed(), "100000 calls of 0.000001 are 0.1");
    assertFalse(ask(call.toBuilder().setCost(1).build()).getAllowed());
  }

  @Test
  void aModelsPrice_isThatOfItsOverride_onTheSameCounter() {
    CheckAndConsumeRequest question =
        question("budget", someone(), Map.of("input_tokens", 1_000L)).toBuilder()
            .setCost(0)
            .build();
    assertEquals(22_000, Messages.remaining(ask(question)));
    assertEquals(21_850, Messages.remaining(ask(ofModel(question, "small"))));
    assertEquals(0, ask(ofModel(question, "local")).getStatusesCount());
    assertEquals(18_850, Messages.remaining(ask(question)));
  }

  @Test
  void aRequestThatCostsMoreThanTheBudget_neverFits_alsoWhereItsSumPassesEveryNumber() {
    for (long tokens : new long[] {2_000, 1L << 52}) {
      CheckAndConsumeResponse denied =
          ask(question("budget", someone(), Map.of("output_tokens", tokens)));
      assertFalse(denied.getAllowed());
      assertEquals(DenialKind.COST_NEVER_FITS, denied.getKind());
      assertTrue(denied.getStatuses(0).getNever());
    }
  }

  @Test
  void aRefund_givesTheSumBack() {
    CheckAndConsumeRequest question =
        question("budget", someone(), Map.of("cached_tokens", 1L, "input_tokens", 5L));
    CheckAndConsumeResponse charged = ask(question.toBuilder().setWantReceipt(true).build());
    assertEquals(24_984, charged.getStatuses(0).getRemaining());
    assertTrue(
        service
            .ask()
            .refund(RefundRequest.newBuilder().setReceipt(charged.getReceipt()).build())
            .getRefunded());
    assertEquals(24_984, ask(question).getStatuses(0).getRemaining());
  }

  @Test
  void prioritiesSoftLimitsAndCandidates_areOfTheSum() {
    String team = someone();
    CheckAndConsumeResponse first = ask(question("levels", team, Map.of("tokens", 99L)));
    assertEquals(50, first.getStatuses(0).getLimit(), "half of 101, rounded down");
    assertEquals(1, first.getStatuses(0).getRemaining());
    assertEquals(4_000, first.getStatuses(0).getSoftBasisPoints());
    assertTrue(first.getStatuses(0).getSoftCrossed());
    assertTrue(first.getStatuses(1).getCandidate());
    assertEquals(50, first.getStatuses(1).getLimit());
    assertEquals(0, first.getStatuses(1).getRemaining(), "49.5 of 50 are charged");
    CheckAndConsumeRequest more = question("levels", team, Map.of("tokens", 2L));
    assertTrue(ask(more).getAllowed(), "50.5 of 50.5");
    assertFalse(ask(question("levels", team, Map.of("tokens", 1L))).getAllowed());
    assertTrue(ask(more.toBuilder().setPriority("high").build()).getAllowed());
  }

  @Test
  void aBalanceThatNeverResets_isDeniedForGood_untilSomethingIsGivenBack() throws Exception {
    String team = someone();
    CheckAndConsumeRequest question =
        question("prepaid", team, Map.of("tokens", 3L)).toBuilder().setWantReceipt(true).build();
    CheckAndConsumeResponse admitted = ask(question);
    RuleStatus status = admitted.getStatuses(0);
    assertEquals(2, status.getRemaining());
    assertFalse(status.hasResetAfter() || status.hasWindow(), status::toString);
    for (int i = 0; i < 2; i++) {
      CheckAndConsumeResponse denied = ask(question);
      assertFalse(denied.getAllowed() || denied.hasRetryAfter(), denied::toString);
      assertEquals(DenialKind.QUOTA, denied.getKind());
      assertFalse(denied.getStatuses(0).hasRetryAfter() || denied.getStatuses(0).getNever());
    }
    try (RedisClient client = RedisClient.create(TestRedis.shared().uri())) {
      var redis = client.connect().sync();
      List<String> keys = redis.keys("limiter:{ai|*}:prepaid:f$:" + team);
      assertEquals(1, keys.size());
      long days = redis.ttl(keys.get(0)) / 86_400;
      assertTrue(days >= 3_651 && days <= 2 * 3_652, "days: " + days);
    }
    assertTrue(
        service
            .ask()
            .refund(RefundRequest.newBuilder().setReceipt(admitted.getReceipt()).build())
            .getRefunded());
    assertTrue(ask(question).getAllowed());
  }

  private static CheckAndConsumeRequest monthly(String team, String day) {
    return question("monthly", team, Map.of("tokens", 3L)).toBuilder()
        .putAttributes("billing_day", day)
        .build();
  }

  /** The end of the month that now is in, for whom it begins on a day. */
  private static Instant end(int day) {
    LocalDate today = LocalDate.now(BERLIN);
    for (int later = 0; ; later++) {
      YearMonth month = YearMonth.from(today).plusMonths(later);
      LocalDate begin = month.atDay(Math.min(day, month.lengthOfMonth()));
      if (begin.isAfter(today)) {
        return begin.atStartOfDay(BERLIN).toInstant();
      }
    }
  }

  /** Until its counter resets, by an answer; between two looks at the clock. */
  private void assertEndsOnDay(CheckAndConsumeRequest question, int day) {
    Instant before = Instant.now();
    Instant end = end(day);
    CheckAndConsumeResponse answer = ask(question);
    Instant after = Instant.now();
    if (!end(day).equals(end)) {
      return; // A month has just ended.
    }
    assertTrue(answer.getAllowed(), answer::toString);
    for (RuleStatus status : answer.getStatusesList()) {
      Duration reset =
          Duration.ofSeconds(
              status.getResetAfter().getSeconds(), status.getResetAfter().getNanos());
      assertFalse(before.plus(reset).minusSeconds(1).isAfter(end), status::toString);
      assertFalse(after.plus(reset).plusSeconds(1).isBefore(end), status::toString);
    }
  }

  @Test
  void eachTenantsMonth_beginsOnTheDayThatItsRequestsName() {
    for (int day = 1; day <= 31; day++) {
      assertEndsOnDay(monthly(someone(), Integer.toString(day)), day);
    }
    assertEndsOnDay(monthly(someone(), "07"), 7);
    CheckAndConsumeRequest gold =
        monthly(someone(), "20").toBuilder().putAttributes("plan", "gold").build();
    assertEndsOnDay(gold, 20);
    assertEquals(997, Messages.remaining(ask(gold)));
    assertEndsOnDay(gold.toBuilder().putAttributes("plan", "paper").build(), 15);
    CheckAndConsumeRequest trial = question("monthly", someone(), Map.of("tokens", 1L));
    assertTrue(ask(trial.toBuilder().putAttributes("plan", "trial").build()).getAllowed());
  }

  @Test
  void whoeverNamesNoDay_isRefused_andTold() {
    String team = someone();
    Map<String, String> said =
        Map.of(
            "0", "\"0\" is no day on which months of rule \"monthly\" could begin; pass 1 to 31",
            "32", "\"32\" is no day on which months of rule \"monthly\" could begin; pass 1 to 31",
            "7th",
                "\"7th\" is no day on which months of rule \"monthly\" could begin; pass 1 to 31",
            "", "\"\" is no day on which months of rule \"monthly\" could begin; pass 1 to 31",
            "٣", "\"٣\" is no day on which months of rule \"monthly\" could begin; pass 1 to 31",
            "012",
                "\"012\" is no day on which months of rule \"monthly\" could begin; pass 1 to 31");
    said.forEach((day, message) -> assertRefused(monthly(team, day), message));
    CheckAndConsumeRequest none =
        monthly(team, "1").toBuilder().removeAttributes("billing_day").build();
    assertRefused(
        none, "is missing; pass the day on which months of rule \"monthly\" begin, 1 to 31");
    List<String> reasons = new ArrayList<>();
    service
        .ask()
        .explain(
            ExplainRequest.newBuilder()
                .setDomain("ai")
                .putAllAttributes(none.getAttributesMap())
                .build())
        .getRulesList()
        .stream()
        .filter(rule -> rule.getRule().equals("monthly"))
        .forEach(rule -> reasons.addAll(rule.getReasonsList()));
    assertEquals(
        List.of(
            "attribute billing_day is missing; pass the day on which months of rule \"monthly\""
                + " begin, 1 to 31; without it questions are refused"),
        reasons);
  }

  private void assertRefused(CheckAndConsumeRequest question, String message) {
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> ask(question));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertEquals("attributes[billing_day] " + message, refused.getStatus().getDescription());
  }

  @Test
  void aDayHasOneLimit_howeverManyAskAboutIt() {
    Domain.OfRules domain = (Domain.OfRules) rules.domain("ai");
    Map<String, String> seventh = Map.of("rule", "monthly", "team", "a", "billing_day", "7");
    assertSame(domain.match(seventh), domain.match(new HashMap<>(seventh)));
  }

  @Test
  void anExplanation_tellsWholeUnits_andThePrices() {
    String team = someone();
    ask(question("bucket", team, Map.of("tokens", 200L)));
    var explained =
        service
            .ask()
            .explain(
                ExplainRequest.newBuilder()
                    .setDomain("ai")
                    .putAttributes("rule", "bucket")
                    .putAttributes("team", team)
                    .build())
            .getRulesList()
            .stream()
            .filter(rule -> rule.getApplies())
            .toList();
    assertEquals(1, explained.size());
    var counter = explained.get(0).getCounter();
    assertEquals("token-bucket 1/366d, burst 1, charge tokens 0.001", counter.getLimit());
    assertEquals("milli_usd", counter.getUnit());
    assertEquals(1, counter.getStatus().getLimit());
    assertEquals(0, counter.getStatus().getRemaining(), "0.8 of 1");
  }
}
