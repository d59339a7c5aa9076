package io.limiter.server.metrics;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.FailureMode;
import io.limiter.server.decide.FailureKind;
import io.limiter.server.decide.Verdict;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.Source;
import io.limiter.server.store.StoreException;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final long MICROS = 1_000_000;
  private static final Outcome ADMITTED = new Outcome.Admitted(1, MICROS, 0);
  private static final Outcome DENIED = new Outcome.Denied(0, MICROS, MICROS);
  private static final Outcome NEVER = new Outcome.Never(0, MICROS);

  private final RuleTable samples = RuleFiles.samples().table();
  private final Metrics metrics = new Metrics(() -> samples, "1.2.3");

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void everyRuleThatApplied_isCountedByItsOutcomeAndMode() {
    Rule enforced = rule("per-user", Rule.Mode.ENFORCE, Keying.PLAIN);
    Rule shadow = rule("login", Rule.Mode.SHADOW, Keying.PLAIN);
    decided("demo", true, status(enforced, ADMITTED), status(shadow, DENIED));
    decided("demo", false, status(enforced, DENIED));
    decided("demo", false, status(enforced, NEVER));

    assertAll(
        () ->
            shows(
                "limiter_decisions_total{domain=\"demo\",outcome=\"allowed\",source=\"redis\"}"
                    + " 1.0"),
        () ->
            shows(
                "limiter_decisions_total{domain=\"demo\",outcome=\"denied\",source=\"redis\"} 2.0"),
        () -> shows(outcomes("per-user", "enforce", "admitted") + " 1.0"),
        () -> shows(outcomes("per-user", "enforce", "denied") + " 1.0"),
        () -> shows(outcomes("per-user", "enforce", "never") + " 1.0"),
        () -> shows(outcomes("login", "shadow", "denied") + " 1.0"));
  }

  @Test
  void latencies_fallIntoTheirBuckets() {
    metrics.decided("demo", verdict(true), 200_000);
    metrics.batchAnswered(3_000_000);
    metrics.batchSent(7);

    assertAll(
        () -> shows("limiter_decision_seconds_bucket{outcome=\"allowed\",le=\"1.0E-4\"} 0"),
        () -> shows("limiter_decision_seconds_bucket{outcome=\"allowed\",le=\"2.5E-4\"} 1"),
        () -> shows("limiter_redis_batch_seconds_bucket{le=\"0.0025\"} 0"),
        () -> shows("limiter_redis_batch_seconds_bucket{le=\"0.005\"} 1"),
        () -> shows("limiter_redis_batch_charges_bucket{le=\"4.0\"} 0"),
        () -> shows("limiter_redis_batch_charges_bucket{le=\"8.0\"} 1"),
        () -> shows("limiter_redis_batch_charges_sum 7.0"));
  }

  @Test
  void failures_areCountedByKind() {
    metrics.failed("demo", FailureKind.UNAVAILABLE, 1);
    metrics.failed("demo", FailureKind.UNAVAILABLE, 1);
    metrics.failed("demo", FailureKind.CONFLICT, 1);
    metrics.failed("demo", FailureKind.INTERNAL, 1);
    metrics.failed("demo", FailureKind.INTERNAL, 1);
    metrics.failed("demo", FailureKind.INVALID, 1);
    metrics.batchFailed(StoreException.Kind.OVERLOADED);

    assertAll(
        () -> shows("limiter_decision_failures_total{kind=\"unavailable\"} 2.0"),
        () -> shows("limiter_decision_failures_total{kind=\"conflict\"} 1.0"),
        () -> shows("limiter_decision_failures_total{kind=\"internal\"} 2.0"),
        () -> shows("limiter_decision_failures_total{kind=\"invalid\"} 1.0"),
        () -> shows("limiter_decision_failures_total{kind=\"overloaded\"} 0.0"),
        () -> shows("limiter_decision_seconds_count{outcome=\"failed\"} 6"),
        () -> shows("limiter_redis_failures_total{kind=\"overloaded\"} 1.0"));
  }

  @Test
  void whatCallersChoose_makesNoSeries() {
    decided("demo", true, status(rule("x", Rule.Mode.ENFORCE, Keying.INLINE), ADMITTED));
    decided("elsewhere", true, status(rule("x", Rule.Mode.ENFORCE, Keying.INLINE), ADMITTED));
    decided("elsewhere", true, status(rule("x", Rule.Mode.ENFORCE, Keying.PLAIN), ADMITTED));
    long before = ownSeries();

    Random random = new Random(20_260_101);
    for (int i = 0; i < 10_000; i++) {
      String name = Long.toHexString(random.nextLong());
      Keying keying = i % 3 == 0 ? Keying.PLAIN : Keying.INLINE;
      Rule rule = rule("rule-" + name, Rule.Mode.ENFORCE, keying);
      decided("domain-" + name, true, status(rule, ADMITTED));
      decided("demo", true, status(rule("own-" + name, Rule.Mode.ENFORCE, Keying.INLINE), DENIED));
      metrics.failed("failed-" + name, FailureKind.INTERNAL, 1);
    }

    assertEquals(before, ownSeries());
    shows(
        "limiter_rule_outcomes_total{domain=\"(unknown)\",mode=\"enforce\",outcome=\"admitted\","
            + "rule=\"(inline)\"} 6667.0");
  }

  @Test
  void namesThatCarryWhatCallersChose_areBounded_andLeaveTheFilesNamesTheirPlace() {
    RuleTable table =
        RuleFiles.load(
                List.of(
                    new RuleFiles.Source(
                        "demo.yaml",
                        """
                        domain: demo
                        descriptors:
                          - { key: user, value_to_metric: true, rate_limit: { unit: day, requests_per_unit: 5 } }
                          - key: path
                            descriptors:
                              - { key: to, value: x, rate_limit: { unit: day, requests_per_unit: 5 } }
                        """)))
            .table();
    Domain.OfDescriptors descriptors =
        assertInstanceOf(Domain.OfDescriptors.class, table.domain("demo"));
    try (Metrics bounded = new Metrics(() -> table, "1.2.3")) {
      for (int i = 0; i < 5_000; i++) {
        count(bounded, descriptors, new Descriptor.Entry("user", Integer.toString(i)));
      }
      count(
          bounded, descriptors, new Descriptor.Entry("path", "/"), new Descriptor.Entry("to", "x"));
      String scraped = bounded.scrape("text/plain");
      int others = 5_000 - RuleMeters.MORE_NAMES;
      assertAll(
          () -> shows(scraped, outcomes("user_0", "enforce", "admitted") + " 1.0"),
          () -> shows(scraped, outcomes("user_999", "enforce", "admitted") + " 1.0"),
          () -> shows(scraped, outcomes("(other)", "enforce", "admitted") + " " + others + ".0"),
          () -> shows(scraped, outcomes("path.to_x", "enforce", "admitted") + " 1.0"));
    }
  }

  /** While rules change, decisions of the table before are still under way. */
  @Test
  void aRuleThatIsGone_keepsItsSeries_alsoWhenNoOtherNameIsToldApart() {
    AtomicReference<RuleTable> table = new AtomicReference<>(demoOf("gone"));
    try (Metrics changing = new Metrics(table::get, "1.2.3")) {
      countPlain(changing, "gone");
      table.set(demoOf("kept"));
      for (int i = 0; i <= RuleMeters.MORE_NAMES; i++) {
        countPlain(changing, "name-" + i);
      }
      countPlain(changing, "gone");

      String scraped = changing.scrape("text/plain");
      assertAll(
          () -> shows(scraped, outcomes("gone", "enforce", "admitted") + " 2.0"),
          () -> shows(scraped, outcomes("(other)", "enforce", "admitted") + " 1.0"));
    }
  }

  private static RuleTable demoOf(String name) {
    String yaml =
        """
        domain: demo
        descriptors:
          - { key: %s, rate_limit: { unit: day, requests_per_unit: 5 } }
        """;
    return RuleFiles.load(List.of(new RuleFiles.Source("demo.yaml", yaml.formatted(name)))).table();
  }

  private static void countPlain(Metrics metrics, String name) {
    Rule rule = rule(name, Rule.Mode.ENFORCE, Keying.PLAIN);
    metrics.decided("demo", verdict(true, status(rule, ADMITTED)), 1);
  }

  private static void count(
      Metrics metrics, Domain.OfDescriptors rules, Descriptor.Entry... entries) {
    Descriptor descriptor = new Descriptor(List.of(entries), null);
    DescriptorMatch.Limited limited =
        (DescriptorMatch.Limited) rules.match(List.of(descriptor)).get(0);
    Verdict verdict =
        new Verdict(true, List.of(status(limited.rule(), ADMITTED)), Source.REDIS, null);
    metrics.decided("demo", verdict, 1);
  }

  @Test
  void aCandidate_isCountedApart() {
    Rule candidate = rule("per-user", Rule.Mode.CANDIDATE, Keying.PLAIN);
    decided("demo", true, status(candidate, DENIED));
    shows(outcomes("per-user", "candidate", "denied") + " 1.0");
  }

  @Test
  void loadsOfRules_areCounted_andShown() throws Exception {
    LiveRules rules = LiveRules.fixed(RuleFiles.samples(), Clock.systemUTC());
    metrics.watchRules(rules::state);
    rules.listen(metrics);
    metrics.loaded(false);
    assertAll(
        () -> shows("limiter_rules_loads_total{outcome=\"good\"} 1.0"),
        () -> shows("limiter_rules_loads_total{outcome=\"bad\"} 1.0"),
        () -> shows("limiter_rules_domains 3.0"),
        () -> shows("limiter_rules_problems 0.0"));
  }

  @Test
  void theProcess_isMeasured() {
    metrics.watchRedis(() -> true);
    assertAll(
        () -> shows("limiter_redis_connected 1.0"),
        () -> shows("version=\"1.2.3\"} 1"),
        () -> shows("jvm_memory_used_bytes{"),
        () -> shows("jvm_gc_"),
        () -> shows("jvm_threads_live_threads "),
        () -> shows("process_uptime_seconds "));
  }

  @Test
  void rememberedDenials_areShown() {
    metrics.watchEstimates(() -> 9);
    shows("limiter_estimate_counters 9.0");
    metrics.watchDenyCache(() -> 7);
    shows("limiter_deny_cache_entries 7.0");
  }

  private void decided(String domain, boolean allowed, Verdict.Status... statuses) {
    metrics.decided(domain, verdict(allowed, statuses), 1_000);
  }

  private static Verdict verdict(boolean allowed, Verdict.Status... statuses) {
    return new Verdict(allowed, List.of(statuses), Source.REDIS, null);
  }

  private static Verdict.Status status(Rule rule, Outcome outcome) {
    return new Verdict.Status(rule, rule.mode().role(), outcome, MICROS);
  }

  private static Rule rule(String name, Rule.Mode mode, Keying keying) {
    return new Rule(
        name, List.of("user"), FixedWindow.per(MICROS, 5), mode, "", keying, FailureMode.LOCAL);
  }

  private static String outcomes(String rule, String mode, String outcome) {
    return "limiter_rule_outcomes_total{domain=\"demo\",mode=\"%s\",outcome=\"%s\",rule=\"%s\"}"
        .formatted(mode, outcome, rule);
  }

  /** Without those of the JVM, which show a collection only once there was one. */
  private long ownSeries() {
    return scrape().lines().filter(line -> line.startsWith("limiter_")).count();
  }

  private String scrape() {
    return metrics.scrape("text/plain");
  }

  private void shows(String line) {
    shows(scrape(), line);
  }

  private static void shows(String text, String line) {
    assertTrue(text.contains(line), () -> line + "\nis not in\n" + text);
  }
}
