package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Request;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.RuleFiles;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that change while they are asked, over a real Redis. */
class ReloadIT {
  private static final int RELOADS = 100;
  private static final int DECISIONS = 100_000;
  private static final int THREADS = 4;
  private static final int RULES = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path place = Path.of("");

  private final String user = UUID.randomUUID().toString();
  private final AtomicInteger asked = new AtomicInteger();

  /** A generation shows in the limits of all three rules, and in nothing else. */
  private static String generation(int number) {
    StringBuilder yaml = new StringBuilder("domain: live\nrules:\n");
    for (int i = 0; i < RULES; i++) {
      yaml.append("  - { name: r").append(i).append(", key: [user], algorithm: fixed-window, ");
      yaml.append("window: 366d, limit: ").append(1_000_000_000L + number).append(" }\n");
    }
    return yaml.toString();
  }

  private static long generation(Verdict verdict) {
    List<Long> limits =
        verdict.statuses().stream().map(status -> status.rule().limit().most()).toList();
    assertEquals(RULES, limits.size(), () -> "statuses: " + verdict);
    assertEquals(1, limits.stream().distinct().count(), () -> "of several tables: " + limits);
    return limits.get(0) - 1_000_000_000L;
  }

  private Request question(long cost) {
    return new Request("live", Map.of("user", user), cost, Map.of(), List.of(), false, "");
  }

  @Test
  void everyDecisionIsOfOneTable_andNoneFails_whileTablesAreSwapped() throws Exception {
    RulesDir directory = new RulesDir(place);
    directory.swap("live.yaml", generation(0));
    RedisSettings settings = RedisSettings.of(TestRedis.shared().uri(), PATIENCE);
    LiveRules rules = LiveRules.of(place, RuleFiles.load(place), Clock.systemUTC());
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (RedisCounterStore store = RedisCounterStore.connect(settings, StoreListener.NONE)) {
      until(store::connected);
      Limiter limiter = new Limiter(rules, store, DecisionListener.NONE);
      List<Future<Integer>> askers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        askers.add(threads.submit(asker(limiter)));
      }
      for (int number = 1; number <= RELOADS; number++) {
        int share = DECISIONS / RELOADS * (number - 1);
        until(() -> asked.get() >= share);
        if (number % 10 == 0) {
          changesNothing(rules, directory, number - 1);
        }
        change(directory, number);
        settle(rules);
        assertEquals(number, generation(decide(limiter, 0)), "in force after the reload");
      }
      int generations = 0;
      for (Future<Integer> asker : askers) {
        generations = Math.max(generations, asker.get(5, TimeUnit.MINUTES));
      }
      assertEquals(DECISIONS, asked.get());
      assertTrue(generations > RELOADS / 2, "generations that one thread met: " + generations);
      long left = decide(limiter, 0).statuses().get(0).outcome().remaining();
      assertEquals(1_000_000_000L + RELOADS - DECISIONS, left, "counted through all reloads");
      System.out.printf(
          "%d decisions by %d threads during %d reloads: none failed, a thread met %d generations%n",
          asked.get(), THREADS, RELOADS, generations);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Asks its share of all questions; returns how many generations it met. */
  private Callable<Integer> asker(Limiter limiter) {
    return () -> {
      long last = -1;
      int met = 0;
      for (int i = 0; i < DECISIONS / THREADS; i++) {
        Verdict verdict = decide(limiter, 1);
        assertTrue(verdict.allowed());
        long generation = generation(verdict);
        assertTrue(generation >= last, () -> "an older table came back");
        met += generation > last ? 1 : 0;
        last = generation;
        asked.incrementAndGet();
      }
      return met;
    };
  }

  private static void change(RulesDir directory, int number) throws IOException {
    if (number % 2 == 0) {
      directory.swap("live.yaml", generation(number));
    } else {
      // An ordinary file in the place of the link, which the next swap leaves alone.
      directory.replace("live.yaml", generation(number));
      directory.delete("live.yaml");
      directory.swap("live.yaml", generation(number));
    }
  }

  private static void changesNothing(LiveRules rules, RulesDir directory, int number)
      throws IOException {
    directory.replace("live.yaml", "domain: live\nrules:\n  - { name: r0, limt: 5 }\n");
    settle(rules);
    assertTrue(rules.state().lastAttempt().problems().toString().contains("limt"), "says why");
    assertEquals(
        1_000_000_000L + number,
        rules.get().match("live", Map.of("user", "u")).rules().get(0).limit().most());
    directory.delete("live.yaml");
  }

  private Verdict decide(Limiter limiter, long cost) throws Exception {
    return limiter
        .decide(question(cost))
        .toCompletableFuture()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static void settle(LiveRules rules) {
    while (rules.look()) {}
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited for a minute");
      Thread.onSpinWait();
    }
  }
}
