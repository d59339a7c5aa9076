package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.live.RulesDir;
import io.limiter.server.rules.live.RulesState;
import io.limiter.server.rules.live.RulesWatch;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.RuleExplanation;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that are charged by a list of prices, while its file changes, over a real Redis. */
class PricesIT {
  private static final long BUDGET = 1_000_000;
  private static final int CALLERS = 16;

  private static final String RULES =
      """
      domain: %s
      rules:
        - name: budget
          key: [team]
          unit: micro_usd
          charge: %s
          algorithm: fixed-window
          limit: 1_000_000
          window: 366d
          hold: 5m
          overrides:
            - when: { plan: partner }
              charge: { input_tokens: 1 }
      """;

  private static final String TRIED =
      """
        - name: tried
          key: [team]
          unit: micro_usd
          charge: models
          algorithm: fixed-window
          limit: 1_000
          window: 366d
          mode: shadow
          candidate: { limit: 100 }
      """;

  /** Prices by model and unit, as the file has them. */
  private static final Map<String, Map<String, String>> DEAR =
      Map.of(
          "small", Map.of("input_tokens", "0.15", "output_tokens", "0.6"),
          "large", Map.of("input_tokens", "3", "output_tokens", "15", "cached_tokens", "0.300001"),
          "default", Map.of("input_tokens", "15", "output_tokens", "75"));

  private static final Map<String, Map<String, String>> CHEAP =
      Map.of(
          "small", Map.of("input_tokens", "0.000001", "output_tokens", "0.06"),
          "large", Map.of("input_tokens", "2", "output_tokens", "1_0.5"),
          "vendor/new:70b", Map.of("input_tokens", "4"),
          "default", Map.of("input_tokens", "7"));

  @TempDir private Path place = Path.of("");

  private RulesDir files;
  private LiveRules rules;
  private RulesWatch watch;
  private final RedisCounterStore store =
      RedisCounterStore.connect(Patient.settings(TestRedis.shared().uri()), StoreListener.NONE);
  private Service service;

  @BeforeEach
  void start() throws IOException {
    files = new RulesDir(place);
    files.replace("ai.yaml", RULES.formatted("ai", "models") + TRIED);
    files.replace("batch.yaml", RULES.formatted("batch", "models"));
    files.replace("prices.yaml", yaml(DEAR));
    rules = LiveRules.of(place, RuleFiles.load(place), Clock.systemUTC());
    assertEquals(List.of(), rules.state().lastAttempt().problems());
    watch = RulesWatch.over(rules, java.time.Duration.ofMillis(100));
    Await.until(store::connected);
    service =
        Service.over(RequestLimits.DEFAULTS, new Limiter(rules, store, DecisionListener.NONE));
  }

  @AfterEach
  void stop() {
    service.close();
    watch.close();
    store.close();
  }

  private static String yaml(Map<String, Map<String, String>> prices) {
    StringBuilder yaml = new StringBuilder("prices: models\nkey: model\nentries:\n");
    prices.forEach(
        (model, units) -> {
          if (!model.equals("default")) {
            yaml.append("  ").append('"').append(model).append("\": ").append(flow(units));
          }
        });
    return yaml.append("default: ")
        .append(flow(prices.getOrDefault("default", Map.of())))
        .toString();
  }

  private static String flow(Map<String, String> units) {
    return units.toString().replace("=", ": ") + "\n";
  }

  /** Changes a file, and waits until that was read. */
  private void change(String file, String text) throws IOException {
    RulesState before = rules.state();
    files.replace(file, text);
    Await.until(() -> !rules.state().equals(before));
  }

  private static String someone() {
    return UUID.randomUUID().toString();
  }

  private static CheckAndConsumeRequest question(
      String domain, String team, String model, Map<String, Long> amounts) {
    CheckAndConsumeRequest.Builder question =
        CheckAndConsumeRequest.newBuilder()
            .setDomain(domain)
            .putAttributes("team", team)
            .putAllUnitCosts(amounts);
    return model.isEmpty() ? question.build() : question.putAttributes("model", model).build();
  }

  private CheckAndConsumeResponse ask(CheckAndConsumeRequest question) {
    return service.ask().checkAndConsume(question);
  }

  private long left(String domain, String team, String model, long inputTokens) {
    Map<String, Long> amounts = Map.of("input_tokens", inputTokens);
    return Messages.remaining(ask(question(domain, team, model, amounts)));
  }

  private static BigDecimal price(
      Map<String, Map<String, String>> prices, CheckAndConsumeRequest question) {
    Map<String, String> entry =
        prices.getOrDefault(
            question.getAttributesOrDefault("model", "default"),
            prices.getOrDefault("default", Map.of()));
    BigDecimal sum = BigDecimal.ZERO;
    for (Map.Entry<String, Long> amount : question.getUnitCostsMap().entrySet()) {
      String price = entry.getOrDefault(amount.getKey(), "0").replace("_", "");
      sum = sum.add(new BigDecimal(price).multiply(BigDecimal.valueOf(amount.getValue())));
    }
    return sum;
  }

  @Test
  void eachModel_isChargedItsPrice_inEveryDomain() {
    for (String domain : List.of("ai", "batch")) {
      String team = someone();
      assertEquals(997_000, left(domain, team, "large", 1_000));
      assertEquals(996_850, left(domain, team, "small", 1_000));
      assertEquals(981_850, left(domain, team, "", 1_000), "default: no model");
      assertEquals(966_850, left(domain, team, "lrage", 1_000), "default: unknown model");
      assertEquals(951_850, left(domain, team, "default", 1_000), "no entry is called so");
      CheckAndConsumeRequest partner =
          question(domain, team, "large", Map.of("input_tokens", 1_000L)).toBuilder()
              .putAttributes("plan", "partner")
              .build();
      assertEquals(950_850, Messages.remaining(ask(partner)), "an override's own weights");
    }
  }

  @Test
  void aChangedList_countsFromThenOn_andTheCounterStands_exactly_underManyCallers()
      throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String team = someone();
    BigDecimal spent = BigDecimal.ZERO;
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    List<Map<String, Map<String, String>>> lists = List.of(DEAR, CHEAP, DEAR);
    for (int i = 0; i < lists.size(); i++) {
      if (i > 0) {
        change("prices.yaml", yaml(lists.get(i)));
      }
      List<CheckAndConsumeRequest> questions = new ArrayList<>();
      List<Future<CheckAndConsumeResponse>> asked = new ArrayList<>();
      for (int j = 0; j < 1_000; j++) {
        Map<String, Long> amounts = new HashMap<>();
        for (String unit : List.of("input_tokens", "output_tokens", "cached_tokens", "images")) {
          amounts.put(unit, (long) random.nextInt(8));
        }
        String model =
            Stream.of("small", "large", "vendor/new:70b", "unknown", "")
                .skip(random.nextInt(5))
                .findFirst()
                .orElseThrow();
        CheckAndConsumeRequest one = question("batch", team, model, amounts);
        questions.add(one);
        asked.add(callers.submit(() -> ask(one)));
      }
      for (int j = 0; j < asked.size(); j++) {
        assertTrue(asked.get(j).get().getAllowed());
        spent = spent.add(price(lists.get(i), questions.get(j)));
      }
      assertEquals(
          new BigDecimal(BUDGET).subtract(spent).setScale(0, RoundingMode.DOWN).longValueExact(),
          left("batch", team, "", 0),
          "seed " + seed + ", list " + i);
    }
    callers.shutdown();
  }

  @Test
  void aBadList_isNamed_andThatBeforeStaysInForce_untilItIsMended() throws IOException {
    String team = someone();
    assertEquals(997_000, left("ai", team, "large", 1_000));
    String hash = rules.state().inForce().hash();
    change("prices.yaml", yaml(CHEAP).replace("4}", "-4}"));
    List<String> problems = rules.state().lastAttempt().problems();
    assertEquals(3, problems.size(), problems::toString);
    assertTrue(
        problems.stream()
            .anyMatch(
                said ->
                    said.matches(
                        "prices.yaml:\\d:\\d+: entry vendor/new:70b: price of input_tokens \"-4\" is"
                            + " no weight; use 0 to 4503599627 with at most 6 decimals, .*")),
        problems::toString);
    assertEquals(hash, rules.state().inForce().hash());
    assertEquals(994_000, left("ai", team, "large", 1_000));
    change("prices.yaml", yaml(CHEAP));
    assertEquals(List.of(), rules.state().lastAttempt().problems());
    assertEquals(992_000, left("ai", team, "large", 1_000));
    assertEquals(988_000, left("ai", team, "vendor/new:70b", 1_000));
  }

  @Test
  void aRuleThatGetsAList_inThePlaceOfWeights_keepsItsCounter() throws IOException {
    String team = someone();
    change("batch.yaml", RULES.formatted("batch", "{ input_tokens: 2 }"));
    assertEquals(998_000, left("batch", team, "large", 1_000));
    change("batch.yaml", RULES.formatted("batch", "models"));
    assertEquals(995_000, left("batch", team, "large", 1_000));
  }

  @Test
  void aHold_isSettledAtThePricesOfItsReservation() throws IOException {
    String team = someone();
    Map<String, Long> most = Map.of("input_tokens", 1_000L, "output_tokens", 1_000L);
    CheckAndConsumeResponse held =
        ask(
            question("batch", team, "large", most).toBuilder()
                .setHold(Duration.newBuilder().setSeconds(60))
                .build());
    assertEquals(982_000, Messages.remaining(held));
    change("prices.yaml", yaml(CHEAP));
    SettleResponse settled =
        service
            .ask()
            .settle(
                SettleRequest.newBuilder()
                    .setReceipt(held.getReceipt())
                    .putUnitCosts("input_tokens", 1_000)
                    .putUnitCosts("output_tokens", 100)
                    .build());
    assertEquals(995_500, settled.getStatuses(0).getRemaining(), "3000 and 1500 are charged");
    assertEquals(993_500, left("batch", team, "large", 1_000), "and 2000 from now on");
  }

  @Test
  void aShadowRuleAndItsCandidate_areChargedByTheList() {
    List<RuleStatus> statuses =
        ask(question("ai", someone(), "small", Map.of("input_tokens", 100L))).getStatusesList();
    assertEquals(
        List.of(999_985L, 985L, 85L), statuses.stream().map(RuleStatus::getRemaining).toList());
  }

  @Test
  void anExplanation_tellsThePrices_andWhoseTheyAre() {
    Map.of(
            "small", "prices models, prices.yaml: entry \"small\"",
            "lrage", "prices models, prices.yaml: default, since \"lrage\" has no entry")
        .forEach(
            (model, reason) -> {
              RuleExplanation rule =
                  service
                      .ask()
                      .explain(
                          ExplainRequest.newBuilder()
                              .setDomain("ai")
                              .putAttributes("team", "t")
                              .putAttributes("model", model)
                              .build())
                      .getRules(1);
              assertEquals(List.of(reason), rule.getReasonsList());
              for (String limit :
                  List.of(rule.getCounter().getLimit(), rule.getCandidate().getLimit())) {
                assertTrue(
                    limit.contains(model.equals("small") ? "input_tokens 0.15" : "input_tokens 15"),
                    limit);
              }
            });
  }
}
