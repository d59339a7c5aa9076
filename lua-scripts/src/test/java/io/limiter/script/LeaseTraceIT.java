package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import io.limiter.algorithm.Window;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is drawn ahead of need is a charge of what was asked for or of what remains, whichever is
 * less; and what is given back is a refund, unless it comes too late. Random counters in Redis and
 * in their twins, with the properties of {@link TraceIT}.
 */
class LeaseTraceIT {
  private static final int STEPS = TraceIT.number("limiter.test.steps", 100_000) / 5;
  private static final int SEED = TraceIT.number("limiter.test.seed", 20_260_101);
  private static final int PIPELINED = 400;
  private static final long LATEST = 4_000_000_000_000_000L;

  private final List<Runnable> checks = new ArrayList<>();

  /** A counter's life. */
  private final class Life {
    private final Random random;
    private final Algorithm algorithm;
    private final String key;
    private final long seed;
    private Limit limit;
    private CounterState state = CounterState.ABSENT;
    private long now;
    private Charged drawn = new Charged(1, 0, 0);
    private int step;

    Life(Algorithm algorithm, long seed, String key) {
      this.random = new Random(seed);
      this.algorithm = algorithm;
      this.key = key;
      this.seed = seed;
      this.limit = new RandomLimits(random).next(algorithm);
      this.now = 1_500_000_000_000_000L + Math.floorMod(random.nextLong(), 500_000_000_000_000L);
    }

    void live(ScriptUnderTest script, int length) {
      for (step = 0; step < length && now < LATEST; step++) {
        long window = Math.max(1, limit.windowMicros(now));
        switch (random.nextInt(8)) {
          case 0 -> now += random.nextLong(3 * window);
          case 1 -> now += random.nextLong(Math.max(1, window / 100));
          case 2 -> now -= random.nextLong(Math.max(1, window / 10));
          default -> now += random.nextInt(2);
        }
        switch (random.nextInt(12)) {
          case 0 -> limit = new RandomLimits(random).next(algorithm);
          case 1, 2, 3, 4 -> release(script);
          default -> draw(script);
        }
        if (step % PIPELINED == 0) {
          verify(script);
        }
      }
      script.delete(key);
      verify(script);
    }

    private void draw(ScriptUnderTest script) {
      long most =
          random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 1 + random.nextLong(2 * limit.limit());
      Step look = limit.decide(state, 0, now);
      long granted = Math.min(most, look.outcome().remaining());
      Step expected = granted == 0 ? look : limit.decide(state, granted, now);
      long time = state.isAbsent() ? now : Math.max(now, state.charged(1).atMicros());
      long at = now;
      Supplier<String> label = label("draw of " + most);
      if (random.nextInt(10) == 0 && isCalendar()) {
        List<String> elsewhere = DrawArguments.of(limit, most, time + 800 * 86_400_000_000L);
        if (!covers(elsewhere, time)) {
          ScriptUnderTest.Ran ran = script.draw(key, elsewhere, now, algorithm);
          checks.add(() -> assertEquals(List.of(at, 4L, time), ScriptUnderTest.now(ran.reply())));
        }
      }
      ScriptUnderTest.Ran ran =
          script.draw(key, DrawArguments.of(limit, most, time), now, algorithm);
      long end = granted == 0 ? 0 : expected.after().charged(granted).windowMicros();
      Outcome after = expected.outcome();
      boolean written = granted > 0;
      CounterState left = expected.after();
      checks.add(
          () -> {
            assertTrue(!written || after.admits(), label);
            assertEquals(
                List.of(at, 1L, granted, after.remaining(), after.resetAfterMicros(), end),
                ScriptUnderTest.now(ran.reply()),
                label);
            StoredCheck.compare(ran, at, written, left, label);
          });
      state = left;
      if (written) {
        drawn = left.charged(granted);
      }
    }

    private boolean isCalendar() {
      return limit instanceof FixedWindow fixed && fixed.window() instanceof Window.Calendar;
    }

    private static boolean covers(List<String> arguments, long time) {
      return time >= Long.parseLong(arguments.get(3)) && time < Long.parseLong(arguments.get(6));
    }

    private void release(ScriptUnderTest script) {
      boolean late = random.nextInt(4) == 0;
      long cost = 1 + random.nextLong(drawn.cost());
      CounterState before = state;
      CounterState after =
          late
              ? before
              : before.refund(new Charged(cost, drawn.atMicros(), drawn.windowMicros()), now);
      boolean given = !after.equals(before);
      ReleaseArguments call = new ReleaseArguments();
      call.counter(key, algorithm, cost, drawn.windowMicros(), late ? now - 1 : now);
      ScriptUnderTest.Ran ran = script.release(call, now, List.of(key), algorithm);
      long at = now;
      Supplier<String> label = label("release of " + cost + (late ? ", late" : ""));
      checks.add(
          () -> {
            assertEquals(given ? 1L : 0L, ScriptUnderTest.number(ran.reply()), label);
            StoredCheck.compare(ran, at, given, after, label);
          });
      state = after;
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
  @EnumSource(names = {"FIXED_WINDOW", "TOKEN_BUCKET"})
  void drawingAndReleasing_equalTheirTwins(Algorithm algorithm) {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      Random random = new Random(31L * SEED + algorithm.letter());
      for (int steps = 0; steps < STEPS; ) {
        int length = 50 + random.nextInt(950);
        String key = "lease:" + algorithm.letter() + ":" + steps;
        try {
          new Life(algorithm, random.nextLong(), key).live(script, length);
          steps += length;
        } catch (StoredCheck.Outrun outrun) {
          checks.clear();
        }
      }
    }
  }

  @Test
  void somethingElse_isNamedAndLeftAlone() {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      DecideArguments log = new DecideArguments(0);
      log.plainQuestion("log", new io.limiter.algorithm.SlidingLog(5, 60_000_000), 1, 1);
      script.decide(log, 1_600_000_000_000_000L, List.of("log"));
      ScriptUnderTest.Ran ran =
          script.draw(
              "log",
              DrawArguments.of(FixedWindow.per(1_000_000, 5), 3, 0),
              1_600_000_000_000_000L,
              Algorithm.SLIDING_LOG);
      ReleaseArguments back = new ReleaseArguments();
      back.counter("log", Algorithm.TOKEN_BUCKET, 1, 0, 1L << 53);
      ScriptUnderTest.Ran released = script.release(back, 1_600_000_000_000_000L, List.of());
      script.flush();
      List<?> reply = (List<?>) ScriptUnderTest.now(ran.reply());
      assertEquals(5L, reply.get(1));
      assertEquals("log", ScriptUnderTest.text(reply.get(2)));
      assertEquals(0L, ScriptUnderTest.number(released.reply()));
    }
  }
}
