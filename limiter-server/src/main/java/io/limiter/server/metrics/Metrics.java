package io.limiter.server.metrics;

import io.limiter.server.access.AccessListener;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.FailureKind;
import io.limiter.server.decide.Verdict;
import io.limiter.server.envoy.Bound;
import io.limiter.server.envoy.EnvoyListener;
import io.limiter.server.rules.live.RulesListener;
import io.limiter.server.rules.live.RulesState;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.DebtListener;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.RedisWatch;
import io.limiter.server.store.redis.StoreListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * All metrics, in the Prometheus text format.
 *
 * <p>No value that a caller can choose becomes a label. A domain is named only while it has rules,
 * a rule only if it is the domain's own. So the loaded rules bound the number of series. Safe to
 * use from any thread. Recording takes no lock, and allocates only when a rule is first met.
 */
public final class Metrics
    implements DecisionListener, StoreListener, RulesListener, EnvoyListener, AutoCloseable {
  private static final Duration[] LATENCIES = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(15),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1)
  };
  private static final double[] BATCH_SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RuntimeMeters runtime;
  private final DomainMeters domains;
  private final Timer allowed = decisions("allowed");
  private final Timer denied = decisions("denied");
  private final Timer failed = decisions("failed");
  private final CounterPer<FailureKind> failures =
      new CounterPer<>(FailureKind.class, this::failures);
  private final CounterPer<StoreException.Kind> redisFailures =
      new CounterPer<>(StoreException.Kind.class, this::redisFailures);
  private final CounterPer<FailureKind> fallbacks =
      new CounterPer<>(FailureKind.class, this::fallbacks);
  private final DebtMeters debts = new DebtMeters(registry);
  private final CounterPer<Bound> tooLarge = new CounterPer<>(Bound.class, this::tooLarge);
  private final Counter goodLoads = loads("good");
  private final Counter badLoads = loads("bad");
  private final Timer batchLatency =
      Timer.builder("limiter.redis.batch")
          .description("Time from sending a batch of questions to Redis to its answer")
          .serviceLevelObjectives(LATENCIES)
          .register(registry);
  private final Counter expired =
      Counter.builder("limiter.redis.expired")
          .description("Questions that Redis got to after their callers' time, and did not charge")
          .register(registry);
  private final Counter chargedLate =
      Counter.builder("limiter.redis.late.charges")
          .description("Admissions that came from Redis after their callers' time")
          .register(registry);
  private final DistributionSummary batchSize =
      DistributionSummary.builder("limiter.redis.batch.charges")
          .description("Questions in a batch sent to Redis")
          .serviceLevelObjectives(BATCH_SIZES)
          .register(registry);

  /**
   * Starts measuring.
   *
   * @param rules the rules in force: only their domains and names become labels
   * @param version the program's version, as it stands in {@code limiter_build_info}
   */
  public Metrics(Supplier<RuleTable> rules, String version) {
    domains = new DomainMeters(registry, rules);
    runtime = new RuntimeMeters(registry, version);
  }

  /** Shows in {@code limiter_redis_connected} whether Redis can be asked: 1 or 0. */
  public void watchRedis(BooleanSupplier connected) {
    Gauge.builder("limiter.redis.connected", () -> connected.getAsBoolean() ? 1 : 0)
        .description("Whether Redis can be asked")
        .register(registry);
  }

  /** Shows what is heard of other instances, and what should be set otherwise in Redis. */
  public void watch(RedisWatch watch) {
    RedisWatchMeters.of(watch, registry);
  }

  /** Shows in {@code limiter_estimate_counters} of how many it is known what of guesses is used. */
  public void watchEstimates(Supplier<Number> counters) {
    Gauge.builder("limiter.estimate.counters", counters)
        .description("Counters of which it is known what share of guesses is used")
        .register(registry);
  }

  /** Shows in {@code limiter_deny_cache_entries} of how many questions a denial is remembered. */
  public void watchDenyCache(Supplier<Number> entries) {
    Gauge.builder("limiter.deny.cache.entries", entries)
        .description("Questions of which a denial is remembered")
        .register(registry);
  }

  /** Shows how many counters are leased, and how many tokens are held of them. */
  public void watchLeases(Supplier<Number> counters, Supplier<Number> tokens) {
    Gauge.builder("limiter.lease.counters", counters)
        .description("Counters that this instance charges ahead of need")
        .register(registry);
    Gauge.builder("limiter.lease.tokens", tokens)
        .description("Tokens charged ahead of need and not used yet")
        .register(registry);
  }

  /** Shows by how many instances limits are shared, and how many counters are kept locally. */
  public void watchFallback(Supplier<Number> instances, Supplier<Number> counters) {
    Gauge.builder("limiter.instances", instances)
        .description("Instances that count in this Redis, when it was asked last")
        .register(registry);
    Gauge.builder("limiter.fallback.counters", counters)
        .description("Counters that this instance keeps for when Redis cannot be asked")
        .register(registry);
  }

  /** Shows how many counters, and questions under a key, wait to be charged. */
  public void watchDebts(Supplier<Number> counters) {
    Gauge.builder("limiter.fallback.debts", counters)
        .description(
            "Counters that are owed hits which were admitted without Redis, and questions that may be")
        .register(registry);
  }

  /** Counts what becomes of that. */
  public DebtListener debts() {
    return debts;
  }

  /** Counts whom access is refused, and who asks. To be called once, if access is restricted. */
  public AccessListener access() {
    return new AccessMeters(registry);
  }

  /** Shows what is in force, and since when. */
  public void watchRules(Supplier<RulesState> state) {
    rules("limiter.rules", "Rules in force", () -> state.get().ruleCount());
    rules(
        "limiter.rules.domains", "Domains in force", () -> state.get().inForce().domains().size());
    rules(
        "limiter.rules.problems",
        "What is wrong with the files of rules as they are",
        () -> state.get().lastAttempt().problems().size());
    rules(
        "limiter.rules.loaded.timestamp.seconds",
        "When the rules in force were loaded, in seconds since the epoch",
        () -> state.get().inForce().since().getEpochSecond());
  }

  private void rules(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).register(registry);
  }

  @Override
  public void loaded(boolean good) {
    (good ? goodLoads : badLoads).increment();
  }

  @Override
  public void decided(String domain, Verdict verdict, long tookNanos) {
    (verdict.allowed() ? allowed : denied).record(tookNanos, TimeUnit.NANOSECONDS);
    domains.of(domain).count(verdict);
  }

  @Override
  public void failed(String domain, FailureKind kind, long tookNanos) {
    failed.record(tookNanos, TimeUnit.NANOSECONDS);
    failures.increment(kind);
  }

  @Override
  public void fellBack(String domain, FailureKind reason) {
    fallbacks.increment(reason);
  }

  @Override
  public void tooLarge(Bound bound) {
    tooLarge.increment(bound);
  }

  @Override
  public void batchSent(int charges) {
    batchSize.record(charges);
  }

  @Override
  public void batchAnswered(long nanos) {
    batchLatency.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void batchFailed(StoreException.Kind kind) {
    redisFailures.increment(kind);
  }

  @Override
  public void expired() {
    expired.increment();
  }

  @Override
  public void chargedLate() {
    chargedLate.increment();
  }

  /**
   * All of it, as text.
   *
   * @param contentType {@code text/plain} or {@code application/openmetrics-text}, with parameters
   *     as the two formats define them
   */
  public String scrape(String contentType) {
    return registry.scrape(contentType);
  }

  @Override
  public void close() {
    runtime.close();
    registry.close();
  }

  private Timer decisions(String outcome) {
    return Timer.builder("limiter.decision")
        .description("Time from a checked question to its answer")
        .tag("outcome", outcome)
        .serviceLevelObjectives(LATENCIES)
        .register(registry);
  }

  private Counter loads(String outcome) {
    return Counter.builder("limiter.rules.loads")
        .description("Times that rules with new contents were read, or could not be")
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter failures(String kind) {
    return Counter.builder("limiter.decision.failures")
        .description("Questions that could not be decided")
        .tag("kind", kind)
        .register(registry);
  }

  private Counter fallbacks(String reason) {
    return Counter.builder("limiter.fallback.decisions")
        .description("Questions that were decided by on-redis-failure, by why Redis was not asked")
        .tag("reason", reason)
        .register(registry);
  }

  private Counter tooLarge(String bound) {
    return Counter.builder("limiter.rls.too.large")
        .description("Requests of Envoy's protocol that passed a bound")
        .tag("bound", bound)
        .register(registry);
  }

  private Counter redisFailures(String kind) {
    return Counter.builder("limiter.redis.failures")
        .description("Batches that Redis did not answer")
        .tag("kind", kind)
        .register(registry);
  }
}
