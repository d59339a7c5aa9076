package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.Step;
import io.limiter.algorithm.Window;
import io.limiter.testing.Limits;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is charged beyond a limit in Redis, and what is owed then, is what the twin says. Random
 * counters that are charged within and beyond their limits by turns: time runs back, limits change.
 */
class OverchargeTraceIT {
  private static final int STEPS = TraceIT.number("limiter.test.steps", 100_000) / 3;
  private static final int SEED = TraceIT.number("limiter.test.seed", 20_260_101);
  private static final int PIPELINED = 400;
  private static final long LATEST = 4_000_000_000_000_000L;
  private static final long START = 1_600_000_000_000_000L;

  private final List<Runnable> checks = new ArrayList<>();
  private int above;

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
      this.limit = limits.next(algorithm);
      this.now = 1_500_000_000_000_000L + Math.floorMod(random.nextLong(), 500_000_000_000_000L);
    }

    void live(ScriptUnderTest script, int length) {
      for (step = 0; step < length && now < LATEST; step++) {
        long window = Math.max(1, limit.windowMicros(now));
        switch (random.nextInt(dense ? 60 : 8)) {
          case 0 -> now += random.nextLong(2 * window);
          case 1 -> now += random.nextLong(Math.max(1, window / 100));
          case 2 -> now -= random.nextLong(Math.max(1, window / 10));
          case 3 -> now = Math.min(untilAdmitted(), LATEST);
          default -> now += random.nextInt(2);
        }
        switch (random.nextInt(dense ? 200 : 12)) {
          case 0 -> limit = limits.next(algorithm);
          case 1, 2, 3 -> overcharge(script, 0);
          case 4, 5, 6, 7 -> overcharge(script, cost());
          default -> charge(script);
        }
        if (step % PIPELINED == 0) {
          verify(script);
        }
      }
      script.delete(key);
      verify(script);
    }

    /** The moment at which nothing is owed any more, or the one before it. */
    private long untilAdmitted() {
      return limit.decide(state, 0, now).outcome() instanceof Outcome.Denied denied
          ? now + denied.retryAfterMicros() - random.nextInt(2)
          : now;
    }

    private long cost() {
      return switch (random.nextInt(8)) {
        case 0 -> limits.upTo(Bounds.MAX_COUNT);
        case 1 -> limit.limit() + 1;
        case 2, 3 -> limits.upTo(limit.limit());
        default -> 1 + random.nextInt(3);
      };
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

    /** By a cost, or by nothing: then it is only asked what is owed. */
    private void overcharge(ScriptUnderTest script, long cost) {
      if (isCalendar() && random.nextInt(10) == 0) {
        long effective = around();
        ScriptUnderTest.Ran ran =
            script.overcharge(key, limit, effective + 800 * 86_400_000_000L, cost, now);
        checks.add(
            () -> {
              List<?> reply = (List<?>) ScriptUnderTest.now(ran.reply());
              assertEquals(List.of(4L, effective), reply.subList(0, 2));
            });
      }
      CounterState before = state;
      Step expected = cost == 0 ? limit.decide(state, 0, now) : limit.overcharge(state, cost, now);
      CounterState after = expected.after();
      long owed = limit.owed(after, now);
      above += owed > 0 ? 1 : 0;
      List<Long> reply = new ArrayList<>();
      if (cost > 0) {
        reply.addAll(numbers(expected.outcome()));
        Charged charged =
            after == before ? new Charged(cost, now, /* windowMicros= */ 0) : after.charged(cost);
        reply.addAll(List.of(charged.atMicros(), charged.windowMicros()));
      }
      reply.addAll(List.of(1L, owed));
      boolean large = state instanceof SlidingLog.State log && log.entries().size() > 50;
      long around = around();
      ScriptUnderTest.Ran ran =
          large && random.nextInt(10) > 0
              ? script.overcharge(key, limit, around, cost, now)
              : script.overcharge(key, limit, around, cost, now, algorithm);
      Supplier<String> label = label("overcharge of " + cost);
      check(ran, after != before, after, label);
      checks.add(() -> assertEquals(reply, ScriptUnderTest.now(ran.reply()), label));
      state = after;
    }

    private boolean isCalendar() {
      return limit instanceof FixedWindow fixed && fixed.window() instanceof Window.Calendar;
    }

    private void check(
        ScriptUnderTest.Ran ran, boolean written, CounterState after, Supplier<String> label) {
      long at = now;
      checks.add(
          () -> {
            StoredCheck.stopIfOutrun(ran, at, written, after);
            StoredCheck.compare(ran, at, written, after, label);
          });
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

  /** An outcome as a row's check returns it. */
  private static List<Long> numbers(Outcome outcome) {
    long status = outcome.admits() ? 1 : 0;
    long wait =
        outcome instanceof Outcome.Denied denied
            ? denied.retryAfterMicros()
            : outcome instanceof Outcome.Admitted admitted ? admitted.delayMicros() : 0;
    return List.of(status, outcome.remaining(), outcome.resetAfterMicros(), wait);
  }

  private void verify(ScriptUnderTest script) {
    script.flush();
    List<Runnable> due = List.copyOf(checks);
    checks.clear();
    due.forEach(Runnable::run);
  }

  @ParameterizedTest
  @EnumSource
  void overcharging_equalsItsTwin(Algorithm algorithm) {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      Random random = new Random(31L * SEED + algorithm.letter());
      for (int steps = 0; steps < STEPS; ) {
        int length = 50 + random.nextInt(950);
        String key = "overcharge:" + algorithm.letter() + ":" + steps;
        try {
          new Life(algorithm, random.nextLong(), key).live(script, length);
          steps += length;
        } catch (StoredCheck.Outrun outrun) {
          checks.clear();
        }
      }
      assertTrue(above > STEPS / 20, above + " times above the limit");
    }
  }

  /** What passes 2^52 is not charged, and what is owed then is no more. */
  @ParameterizedTest
  @EnumSource
  void aCounter_holdsNoMoreThanItsNumbersDo(Algorithm algorithm) {
    Limit limit = Limits.of(algorithm, 5, /* windowMicros= */ 1_000_000, 1_000_000, 1_000_000);
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      CounterState state = CounterState.ABSENT;
      for (long cost : new long[] {3, Bounds.MAX_COUNT - 1, Bounds.MAX_COUNT, 1}) {
        state = limit.overcharge(state, cost, START).after();
        ScriptUnderTest.Ran ran = script.overcharge("full", limit, START, cost, START, algorithm);
        script.flush();
        long owed = limit.owed(state, START);
        List<?> reply = (List<?>) ScriptUnderTest.now(ran.reply());
        assertEquals(List.of(1L, owed), reply.subList(6, 8));
        assertEquals(
            StoredForm.of(state), ScriptUnderTest.hex(ScriptUnderTest.now(ran.stored().get(0))));
      }
      assertEquals(Bounds.MAX_COUNT - 5, limit.owed(state, START));
    }
  }

  @Test
  void somethingElse_isNamedAndLeftAlone() {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      DecideArguments window = new DecideArguments(START);
      window.plainQuestion("window", FixedWindow.per(60_000_000, 5), 1, 1);
      script.decide(window, START, List.of("window"));
      for (Algorithm algorithm : Algorithm.values()) {
        // Its letter is in a counter's key, so the one of as many bytes is never met there.
        if (algorithm != Algorithm.FIXED_WINDOW && algorithm != Algorithm.CONCURRENCY) {
          Limit limit = Limits.of(algorithm, 5, 60_000_000);
          ScriptUnderTest.Ran ran = script.overcharge("window", limit, START, 1, START);
          script.flush();
          Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
          for (int i = 0; i < 2; i++) {
            assertEquals(Reply.Code.BROKEN, reply.nextCode(), algorithm.label());
            assertEquals("window", reply.nextText(), algorithm.label());
          }
        }
      }
    }
  }
}
