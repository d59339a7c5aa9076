package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.key.Slots;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Calls of a script that touch many slots of one primary, also while slots move. */
class CrossSlotIT extends OnCluster {
  private static final long YEAR = 366 * 86_400_000_000L;
  private static final int TAGS = 48;
  private static final int BURST = 24;
  private static final Pattern CALLS = Pattern.compile("cmdstat_evalsha:calls=([0-9]+)");

  /** One whose state comes free, or weighs less, only after the test. */
  private static final List<Limit> LIMITS =
      List.of(
          PLENTY,
          TokenBucket.of(1, 3_600_000_000L, 1_000_000),
          new SlidingLog(1_000_000, YEAR),
          new SlidingCounter(1_000_000, YEAR));

  @Test
  void slotsThatMoveUnderCallsOfManySlots_failNoQuestion_andEachIsChargedOnce() throws Exception {
    start(3, false);
    awaitCrossing();
    Map<String, AtomicLong> asked = new ConcurrentHashMap<>();
    AtomicLong questions = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    long callsBefore = calls();
    ExecutorService callers = Executors.newFixedThreadPool(3);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int caller = 0; caller < 3; caller++) {
      int mine = caller;
      all.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; !over.get(); i++) {
                  burst(mine, i, asked);
                  questions.addAndGet(BURST);
                }
              },
              callers));
    }
    for (int i = 0; i < 10; i++) {
      long before = questions.get();
      int slot = Slots.of(key(i % 5, ""));
      TestCluster.Member from = cluster().holder(slot);
      int at = cluster().members().indexOf(from);
      cluster().move(slot, from, cluster().members().get((at + 1) % 3));
      StoreOnRedis.await(
          () ->
              questions.get() > before + 20 * BURST
                  || all.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
    }
    over.set(true);
    all.forEach(CompletableFuture::join);
    callers.shutdown();
    asked.forEach((key, times) -> assertEquals(times.get(), used(key, limit(key)), key));
    long calls = calls() - callsBefore;
    System.out.printf("cluster: %d questions in %d calls%n", questions.get(), calls);
    assertTrue(2 * calls < questions.get(), calls + " calls for " + questions);
  }

  /** Of many slots at once: old and new counters, pairs of them, with and without a receipt. */
  private void burst(int caller, int round, Map<String, AtomicLong> asked) {
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int j = 0; j < BURST; j++) {
      int tag = (round * 7 + j) % TAGS;
      int kind = (round + j) % LIMITS.size();
      String old = key(tag, kind + ":" + caller);
      String fresh = key(tag, kind + ":" + caller + "-" + round + "-" + j);
      List<Charge.Entry> entries = new ArrayList<>();
      entries.add(new Charge.Entry(j % 4 == 0 ? fresh : old, LIMITS.get(kind), 1));
      if (j % 5 == 0) {
        entries.add(new Charge.Entry(key(tag, kind + ":pair"), LIMITS.get(kind), 1));
      }
      entries.forEach(
          one -> asked.computeIfAbsent(one.key(), key -> new AtomicLong()).incrementAndGet());
      Charge charge = new Charge.Whole(entries, j % 3 == 0, null, Charge.ANY_WAIT);
      answers.add(store().decide(charge).toCompletableFuture());
    }
    for (CompletableFuture<Answer> one : answers) {
      Answer.Decided decided = assertInstanceOf(Answer.Decided.class, StoreOnRedis.join(one));
      assertTrue(decided.admitted());
    }
  }

  private static Limit limit(String key) {
    return LIMITS.get(key.charAt(key.indexOf(':', key.indexOf('}')) + 1) - '0');
  }

  /** The slot stays half moved: its old keys here, what is new of it there. */
  @Test
  void aQuestionThatTheMoveConcerns_waitsForIt_alone_andNoScriptEndsHalfWay() {
    start(3, false);
    awaitCrossing();
    Limit log = new SlidingLog(10, 1_000_000);
    String lapsed = key(7, "lapsed");
    String credited = key(7, "credited");
    String counter = key(7, "counter");
    ask(new Charge.Whole(List.of(new Charge.Entry(lapsed, log, 10))));
    ask(new Charge.Whole(List.of(new Charge.Entry(credited, PLENTY, 5))));
    ask(new Charge.Whole(List.of(new Charge.Entry(counter, PLENTY, 5))));
    int slot = Slots.of(lapsed);
    TestCluster.Member from = cluster().holder(slot);
    assertTrue(from.redis().persist(lapsed));
    StoreOnRedis.await(() -> used(lapsed, log) == 0);
    TestCluster.Member to =
        cluster().members().stream().filter(one -> !one.equals(from)).findFirst().orElseThrow();
    to.redis().clusterSetSlotImporting(slot, from.id());
    from.redis().clusterSetSlotMigrating(slot, to.id());

    // Its record would be new, so it is tried again until the counter is there too.
    List<CompletableFuture<Answer>> others = new ArrayList<>();
    CompletableFuture<Answer> recorded =
        store()
            .decide(whole(true, null, new Charge.Entry(counter, PLENTY, 1)))
            .toCompletableFuture();
    for (int tag = 10; tag < 10 + BURST; tag++) {
      others.add(
          store()
              .decide(whole(true, null, new Charge.Entry(key(tag, "other"), PLENTY, 1)))
              .toCompletableFuture());
    }
    others.forEach(StoreOnRedis::join);
    assertTrue(ask(new Charge.Whole(List.of(new Charge.Entry(lapsed, log, 10)))).admitted());
    assertFalse(ask(new Charge.Whole(List.of(new Charge.Entry(lapsed, log, 1)))).admitted());
    assertTrue(ask(new Charge.Whole(List.of(new Charge.Entry(credited, PLENTY, -5)))).admitted());
    assertTrue(
        ask(new Charge.Whole(List.of(new Charge.Entry(key(7, "fresh"), PLENTY, 3)))).admitted());
    assertFalse(recorded.isDone());

    cluster().move(slot, from, to);
    Answer.Decided decided = assertInstanceOf(Answer.Decided.class, StoreOnRedis.join(recorded));
    assertTrue(StoreOnRedis.join(store().refund(Objects.requireNonNull(decided.receipt()))));
    assertEquals(5, used(counter, PLENTY));
    assertEquals(3, used(key(7, "fresh"), PLENTY));
    assertEquals(0, used(credited, PLENTY));
    for (int tag = 10; tag < 10 + BURST; tag++) {
      assertEquals(1, used(key(tag, "other"), PLENTY));
    }
  }

  /**
   * Until a primary has shown that it refuses what others hold, each slot has a call of its own.
   */
  private void awaitCrossing() {
    StoreOnRedis.await(
        () -> {
          long before = calls();
          List<CompletableFuture<Answer>> answers = new ArrayList<>();
          for (int tag = 100; tag < 200; tag++) {
            Charge.Entry one = new Charge.Entry(key(tag, "warm"), PLENTY, 1);
            answers.add(store().decide(new Charge.Whole(List.of(one))).toCompletableFuture());
          }
          answers.forEach(StoreOnRedis::join);
          return calls() - before < 30;
        });
  }

  private long calls() {
    return cluster().members().stream()
        .map(one -> CALLS.matcher(one.redis().info("commandstats")))
        .mapToLong(
            calls -> calls.results().map(MatchResult::group).mapToLong(CrossSlotIT::number).sum())
        .sum();
  }

  private static long number(String stat) {
    return Long.parseLong(stat.substring(stat.indexOf('=') + 1));
  }
}
