package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Owed;
import io.limiter.algorithm.Settled;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.Step;
import io.limiter.algorithm.Window;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is settled in Redis is what the twin settles. Random counters that are charged and settled
 * by turns: what is owed is of any age, time runs back, limits change.
 */
class SettleTraceIT {
  private static final int STEPS = TraceIT.number("limiter.test.steps", 100_000) / 5;
  private static final int SEED = TraceIT.number("limiter.test.seed", 20_260_101);
  private static final int PIPELINED = 400;
  private static final long LATEST = 4_000_000_000_000_000L;

  private final List<Runnable> checks = new ArrayList<>();

  /** A counter's life. */
  private final class Life {
    private final Random random;
    private final RandomLimits limits;
    private final Algorithm algorithm;
    private final String key;
    private final long seed;

    /** Many small charges close together, as a log grows long by. */
    private final boolean dense;

    private Limit limit;
    private CounterState state = CounterState.ABSENT;
    private long now;
    private int step;

    Life(Algorithm algorithm, long seed, String key) {
      this.random = new Random(seed);
      this.limits = new RandomLimits(random);
      this.algorithm = algorithm;
      this.key = key;
      this.seed = seed;
      this.dense = random.nextInt(3) == 0;
      this.limit = nextLimit();
      this.now = 1_500_000_000_000_000L + Math.floorMod(random.nextLong(), 500_000_000_000_000L);
    }

    private Limit nextLimit() {
      Limit next = limits.next(algorithm);
      while (dense && next.limit() < 1_000) {
        next = limits.next(algorithm);
      }
      return next;
    }

    void live(ScriptUnderTest script, int length) {
      for (step = 0; step < length && now < LATEST; step++) {
        long window = Math.max(1, limit.windowMicros(now));
        switch (random.nextInt(dense ? 60 : 8)) {
          case 0 -> now += random.nextLong(2 * window);
          case 1 -> now += random.nextLong(Math.max(1, window / 100));
          case 2 -> now -= random.nextLong(Math.max(1, window / 10));
          default -> now += random.nextInt(2);
        }
        switch (random.nextInt(dense ? 200 : 12)) {
          case 0 -> limit = nextLimit();
          case 1, 2, 3, 4 -> settle(script);
          default -> charge(script);
        }
        if (step % PIPELINED == 0) {
          verify(script);
        }
      }
      script.delete(key);
      verify(script);
    }

    private long around() {
      return state.isAbsent() ? now : Math.max(now, state.charged(1).atMicros());
    }

    private void charge(ScriptUnderTest script) {
      long cost =
          dense ? 1 + random.nextInt(3) : Math.max(1, limits.upTo(Math.max(1, limit.limit() / 2)));
      Step expected = limit.decide(state, cost, now);
      DecideArguments call = new DecideArguments(around());
      call.plainQuestion(key, limit, cost, 1);
      ScriptUnderTest.Ran ran = script.decide(call, now, List.of(key));
      check(ran, expected.after() != state, expected.after(), label("charge of " + cost));
      state = expected.after();
    }

    private void settle(ScriptUnderTest script) {
      List<Owed> owed = owed();
      Settled expected = limit.settle(state, owed, now);
      if (isCalendar() && random.nextInt(10) == 0) {
        SettleArguments elsewhere = new SettleArguments(around() + 800 * 86_400_000_000L, now, now);
        elsewhere.counter(key, limit, owed);
        ScriptUnderTest.Ran ran = script.settle(elsewhere, now, List.of());
        long at = now;
        checks.add(
            () -> assertEquals(4L, ((List<?>) ScriptUnderTest.now(ran.reply())).get(1), "" + at));
      }
      SettleArguments call =
          new SettleArguments(around(), now - random.nextInt(2), now + random.nextInt(2));
      call.counter(key, limit, owed);
      boolean large = state instanceof SlidingLog.State log && log.entries().size() > 50;
      ScriptUnderTest.Ran ran =
          large && random.nextInt(10) > 0
              ? script.settle(call, now, List.of(key))
              : script.settle(call, now, List.of(key), algorithm);
      long at = now;
      Supplier<String> label = label("settlement of " + owed);
      checks.add(
          () ->
              assertEquals(
                  List.of(at, 1L, expected.charged(), expected.gone()),
                  ScriptUnderTest.now(ran.reply()),
                  label));
      check(ran, expected.charged() > 0, expected.after(), label);
      state = expected.after();
    }

    private List<Owed> owed() {
      long span = Math.max(1, limit.windowMicros(now));
      List<Owed> owed = new ArrayList<>();
      int count = 1 + random.nextInt(6);
      for (int i = 0; i < count; i++) {
        long at =
            switch (random.nextInt(6)) {
              case 0 -> now + random.nextInt(3);
              case 1 -> around() + random.nextInt(3) - 1;
              case 2 -> now - random.nextLong(3 * span);
              case 3 -> now - random.nextInt(1_000);
              default -> now - random.nextLong(span);
            };
        long cost = random.nextBoolean() ? 1 + random.nextInt(3) : limits.upTo(limit.limit());
        owed.add(new Owed(cost, Math.max(0, at)));
      }
      owed.sort(Comparator.comparingLong(Owed::atMicros));
      return owed;
    }

    private boolean isCalendar() {
      return limit instanceof FixedWindow fixed && fixed.window() instanceof Window.Calendar;
    }

    private void check(
        ScriptUnderTest.Ran ran, boolean written, CounterState after, Supplier<String> label) {
      long at = now;
      checks.add(() -> StoredCheck.compare(ran, at, written, after, label));
    }

    private Supplier<String> label(String what) {
      int atStep = step;
      long at = now;
      Limit under = limit;
      CounterState before = state;
      return () ->
          "%s life %d step %d at %d under %s: %s of %s"
              .formatted(algorithm.label(), seed, atStep, at, under, what, before);
    }
  }

  private void verify(ScriptUnderTest script) {
    script.flush();
    List<Runnable> due = List.copyOf(checks);
    checks.clear();
    due.forEach(Runnable::run);
  }

  @ParameterizedTest
  @EnumSource
  void settling_equalsItsTwin(Algorithm algorithm) {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      Random random = new Random(31L * SEED + algorithm.letter());
      for (int steps = 0; steps < STEPS; ) {
        int length = 50 + random.nextInt(950);
        String key = "settle:" + algorithm.letter() + ":" + steps;
        try {
          new Life(algorithm, random.nextLong(), key).live(script, length);
          steps += length;
        } catch (StoredCheck.Outrun outrun) {
          checks.clear();
        }
      }
    }
  }

  /** A clock that is not the one by which times were worked out, or a call that comes too late. */
  @Test
  void outsideOfItsTime_nothingIsCharged_andTheTimeIsTold() {
    long now = 1_600_000_000_000_000L;
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      for (long[] time : new long[][] {{now + 1, now + 2}, {now - 2, now - 1}, {0, 0}}) {
        SettleArguments call = new SettleArguments(now, time[0], time[1]);
        call.counter("void", FixedWindow.per(1_000_000, 5), List.of(new Owed(1, now)));
        ScriptUnderTest.Ran ran = script.settle(call, now, List.of("void"));
        script.flush();
        assertEquals(List.of(now), ScriptUnderTest.now(ran.reply()));
        assertEquals(-2, ScriptUnderTest.now(ran.ttls().get(0)));
      }
    }
  }

  /** What random lives do not come to: totals near 2^52, and more entries than are written anew. */
  @Test
  void aLog_startsItsTotalsAgain_andIsNotWrittenAnewForWhatManyEntriesStandBehind() {
    long window = 60_000_000;
    long start = 1_600_000_000_000_000L;
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      SlidingLog large = new SlidingLog((1L << 51) + 10, window);
      CounterState state = charged(script, large, CounterState.ABSENT, 1L << 51, start);
      state = charged(script, large, state, (1L << 51) - 5, start + window + 1_000);
      state = settled(script, large, state, start + window + 1_500, start + window + 500, 10);
      assertEquals(0, ((SlidingLog.State) state).entries().base(), "it starts again");
      script.delete("log");

      SlidingLog many = new SlidingLog(10_000, window);
      state = CounterState.ABSENT;
      for (int i = 0; i < 2_100; i++) {
        state = charged(script, many, state, 1, start + 10L * i);
      }
      CounterState before = state;
      state = settled(script, many, state, start + 30_000, start + 985, 3);
      assertEquals(before, state, "2,001 entries stand behind it");
      state = settled(script, many, state, start + 30_000, start + 995, 3);
      assertEquals(2_101, ((SlidingLog.State) state).entries().size());
    }
  }

  private static CounterState charged(
      ScriptUnderTest script, SlidingLog limit, CounterState before, long cost, long now) {
    DecideArguments call = new DecideArguments(now);
    call.plainQuestion("log", limit, cost, 1);
    script.decide(call, now, List.of("log"));
    Step step = limit.decide(before, cost, now);
    assertTrue(step.outcome().admits());
    return step.after();
  }

  private static CounterState settled(
      ScriptUnderTest script, SlidingLog limit, CounterState before, long now, long at, long cost) {
    List<Owed> owed = List.of(new Owed(cost, at));
    SettleArguments call = new SettleArguments(now, now, now);
    call.counter("log", limit, owed);
    ScriptUnderTest.Ran ran = script.settle(call, now, List.of("log"), Algorithm.SLIDING_LOG);
    script.flush();
    Settled expected = limit.settle(before, owed, now);
    assertEquals(
        List.of(now, 1L, expected.charged(), expected.gone()), ScriptUnderTest.now(ran.reply()));
    StoredCheck.compare(ran, now, expected.charged() > 0, expected.after(), () -> "log");
    return expected.after();
  }

  @Test
  void somethingElse_isNamedAndLeftAlone_andTheRestIsSettled() {
    long now = 1_600_000_000_000_000L;
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      DecideArguments window = new DecideArguments(now);
      window.plainQuestion("window", FixedWindow.per(60_000_000, 5), 1, 1);
      script.decide(window, now, List.of("window"));
      SettleArguments call = new SettleArguments(now, now, now);
      for (Algorithm algorithm : Algorithm.values()) {
        Limit limit = io.limiter.testing.Limits.of(algorithm, 5, 60_000_000);
        call.counter("window", limit, List.of(new Owed(1, now)));
      }
      ScriptUnderTest.Ran ran = script.settle(call, now, List.of());
      script.flush();
      Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
      assertEquals(now, reply.nextNumber());
      for (Algorithm algorithm : Algorithm.values()) {
        Reply.Code code = reply.nextCode();
        if (algorithm == Algorithm.FIXED_WINDOW) {
          assertEquals(Reply.Code.ADMITTED, code);
          assertEquals(List.of(1L, 0L), List.of(reply.nextNumber(), reply.nextNumber()));
        } else if (algorithm == Algorithm.CONCURRENCY) {
          assertEquals(Reply.Code.ADMITTED, code, "it looks at nothing");
          assertEquals(List.of(0L, 1L), List.of(reply.nextNumber(), reply.nextNumber()));
        } else {
          assertEquals(Reply.Code.BROKEN, code, algorithm.label());
          assertEquals("window", reply.nextText());
        }
      }
    }
  }
}
