package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Request;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.Matching;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rules that change while they are asked, over a real Redis, with the watch that the program has.
 *
 * <p>A generation of rules shows in everything that an answer says: in the number of its rules, in
 * the limit of each, and in what Redis says is left of it.
 */
class ReloadIT {
  private static final int RELOADS = 100;
  private static final int DECISIONS = 100_000;
  private static final int THREADS = 4;
  private static final long STEP = 1_000_000_000;
  private static final Duration PATIENCE = Patient.PATIENCE;
  private static final Duration PAUSE = Duration.ofMillis(100);

  @TempDir private Path place = Path.of("");

  private final String user = UUID.randomUUID().toString();
  private final AtomicIntegerArray decided = new AtomicIntegerArray(RELOADS + 1);
  private final AtomicLong inForce = new AtomicLong();
  private volatile boolean enough;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final RedisCounterStore store =
      RedisCounterStore.connect(Patient.settings(TestRedis.shared().uri()), StoreListener.NONE);

  @BeforeEach
  void connect() {
    until(store::connected);
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
    store.close();
  }

  private static int rules(int generation) {
    return 2 + generation % 3;
  }

  private static long limit(int rule, long generation) {
    return (rule + 1) * STEP + generation;
  }

  private static String yaml(int generation) {
    StringBuilder yaml = new StringBuilder("domain: live\nrules:\n");
    for (int i = 0; i < rules(generation); i++) {
      yaml.append("  - { name: r").append(i).append(", key: [user], algorithm: fixed-window, ");
      yaml.append("window: 366d, limit: ").append(limit(i, generation)).append(" }\n");
    }
    return yaml.toString();
  }

  /** The generation of an answer; fails if the answer is of several. */
  private static int generation(Verdict verdict) {
    List<Verdict.Status> statuses = verdict.statuses();
    int generation = (int) (statuses.get(0).rule().limit().limit() % STEP);
    assertEquals(
        IntStream.range(0, rules(generation)).mapToObj(i -> limit(i, generation)).toList(),
        statuses.stream().map(status -> status.rule().limit().limit()).toList(),
        "limits of the rules");
    assertEquals(used(statuses.get(0)), used(statuses.get(1)), "as Redis counted them");
    return generation;
  }

  /** The first two rules are in every generation: what they have counted is the same. */
  private static long used(Verdict.Status status) {
    return status.rule().limit().limit() - status.outcome().remaining();
  }

  private static Verdict decide(Limiter limiter, String user, long cost) throws Exception {
    return limiter
        .decide(new Request("live", Map.of("user", user), cost, Map.of(), List.of(), false, ""))
        .toCompletableFuture()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void everyDecisionIsOfOneTable_andNoneFails_whileTablesAreSwapped() throws Exception {
    RulesDir directory = new RulesDir(place);
    directory.replace("live.yaml", yaml(0));
    LiveRules rules = LiveRules.of(place, RuleFiles.load(place), Clock.systemUTC());
    Limiter limiter = new Limiter(rules, store, DecisionListener.NONE);
    List<Future<Long>> askers = new ArrayList<>();
    long asked = 0;
    try (RulesWatch watch = RulesWatch.over(rules, PAUSE)) {
      assertTrue(watch.isAlive());
      for (int i = 0; i < THREADS; i++) {
        askers.add(threads.submit(asker(limiter)));
      }
      for (int generation = 1; generation <= RELOADS; generation++) {
        awaitDecisions(generation - 1, askers);
        if (generation % 10 == 0) {
          aBadFileChangesNothing(rules, directory, generation);
          awaitDecisions(generation - 1, askers);
        }
        change(directory, generation);
        long limit = limit(0, generation);
        until(() -> limit(rules.get()) == limit);
        inForce.set(generation);
      }
      awaitDecisions(RELOADS, askers);
      enough = true;
      for (Future<Long> asker : askers) {
        asked += asker.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
    assertTrue(asked >= DECISIONS, "decisions: " + asked);
    assertEquals(
        asked, used(decide(limiter, user, 0).statuses().get(0)), "counted through all reloads");
    System.out.printf(
        "%d decisions by %d threads during %d reloads: none failed, none was of two tables%n",
        asked, THREADS, RELOADS);
  }

  /** Asks until it is enough; returns how often. */
  private Callable<Long> asker(Limiter limiter) {
    return () -> {
      long asked = 0;
      while (!enough) {
        long oldest = inForce.get();
        Verdict verdict = decide(limiter, user, 1);
        asked++;
        assertTrue(verdict.allowed());
        int generation = generation(verdict);
        assertTrue(generation >= oldest, () -> generation + " after " + oldest);
        decided.incrementAndGet(generation);
      }
      return asked;
    };
  }

  /** Waits until the generation has decided its share; an asker that failed says so here. */
  private void awaitDecisions(int generation, List<Future<Long>> askers) throws Exception {
    int from = decided.get(generation);
    until(
        () ->
            decided.get(generation) >= from + DECISIONS / RELOADS
                || askers.stream().anyMatch(Future::isDone));
    for (Future<Long> asker : askers) {
      if (asker.isDone()) {
        asker.get();
      }
    }
  }

  /** By turns a rename over the file, and the swap of a ConfigMap that the file then is part of. */
  private static void change(RulesDir directory, int generation) throws IOException {
    if (generation % 4 < 2) {
      directory.replace("live.yaml", yaml(generation));
    } else {
      directory.swap("live.yaml", yaml(generation));
    }
  }

  private void aBadFileChangesNothing(LiveRules rules, RulesDir directory, int generation)
      throws IOException {
    RuleTable table = rules.get();
    String hash = rules.state().inForce().hash();
    String misspelled = "limt" + generation;
    directory.replace("live.yaml", "domain: live\nrules: [{ name: r0, " + misspelled + ": 5 }]\n");
    until(() -> rules.state().lastAttempt().problems().toString().contains(misspelled));
    assertSame(table, rules.get());
    assertEquals(hash, rules.state().inForce().hash());
    assertNotEquals(hash, rules.state().lastAttempt().hash().orElseThrow());
  }

  /** No race is needed to see a table that is read twice: each read gets another one. */
  @Test
  void aDecisionReadsTheTableOnce() throws Exception {
    List<RuleTable> tables =
        IntStream.range(0, 5)
            .mapToObj(i -> RuleFiles.load(List.of(new RuleFiles.Source("live.yaml", yaml(i)))))
            .map(LoadedRules::table)
            .toList();
    AtomicLong reads = new AtomicLong();
    Limiter limiter =
        new Limiter(
            () -> tables.get((int) (reads.getAndIncrement() % tables.size())),
            store,
            DecisionListener.NONE);
    for (int i = 0; i < 20; i++) {
      assertEquals(i % tables.size(), generation(decide(limiter, user, 1)));
      assertEquals(i + 1, reads.get());
    }
  }

  @Test
  void countersOutliveAChangeOfNumbers_andStartAfreshWithAnotherAlgorithm() throws Exception {
    RulesDir directory = new RulesDir(place);
    directory.replace("live.yaml", rule("token-bucket", "rate: 1/d, burst: 10"));
    LiveRules rules = LiveRules.of(place, RuleFiles.load(place), Clock.systemUTC());
    Limiter limiter = new Limiter(rules, store, DecisionListener.NONE);
    String other = user + "-other";
    assertEquals(6, left(limiter, other, 4));

    reload(rules, directory, rule("token-bucket", "rate: 1/d, burst: 20"));
    assertEquals(16, left(limiter, other, 0), "a higher one counts against what is used");
    reload(rules, directory, rule("token-bucket", "rate: 2/d, burst: 5"));
    assertEquals(1, left(limiter, other, 0), "and so does a lower one");
    reload(rules, directory, rule("sliding-log", "window: 1d, limit: 5"));
    assertEquals(5, left(limiter, other, 0), "another algorithm counts for itself");
    reload(rules, directory, rule("token-bucket", "rate: 1/d, burst: 10"));
    assertEquals(6, left(limiter, other, 0), "and the first one's counter is still there");
  }

  private static String rule(String algorithm, String numbers) {
    return "domain: live\nrules: [{ name: r, key: [user], algorithm: %s, %s }]\n"
        .formatted(algorithm, numbers);
  }

  private static long left(Limiter limiter, String user, long cost) throws Exception {
    return decide(limiter, user, cost).statuses().get(0).outcome().remaining();
  }

  private static void reload(LiveRules rules, RulesDir directory, String yaml) throws IOException {
    RuleTable before = rules.get();
    directory.replace("live.yaml", yaml);
    until(() -> !rules.poll() && rules.get() != before);
  }

  private static long limit(RuleTable table) {
    return Matching.rules(table, "live", Map.of("user", "u")).get(0).limit().limit();
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "waited for a minute");
      java.util.concurrent.locks.LockSupport.parkNanos(100_000);
    }
  }
}
