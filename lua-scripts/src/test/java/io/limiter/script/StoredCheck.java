package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.SlidingLog;
import java.util.function.Supplier;

/** Compares what Redis holds after a step, and for how long, with a state of the twin. */
final class StoredCheck {
  private StoredCheck() {}

  /**
   * The machine was so slow that a TTL of a few milliseconds ran out within a step. Redis did
   * right, but the rest of the trace means nothing.
   */
  static final class Outrun extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Compares the first of the watched keys; it has a TTL only if the step wrote it. */
  static void compare(
      ScriptUnderTest.Ran ran,
      long at,
      boolean written,
      CounterState after,
      Supplier<String> label) {
    long ttl = after.isAbsent() ? -2 : written ? ttlMillis(after, at) : -1;
    assertTtl(ran, 0, ttl, label);
    if (!ran.stored().isEmpty()) {
      assertEquals(
          StoredForm.of(after),
          ScriptUnderTest.hex(ScriptUnderTest.now(ran.stored().get(0))),
          () -> label.get() + " left " + after);
    }
  }

  /**
   * To be called before anything is compared: what is given back is looked at once more by the same
   * step, and may be gone by then.
   */
  static void stopIfOutrun(ScriptUnderTest.Ran ran, long at, boolean written, CounterState after) {
    if (written && !after.isAbsent()) {
      stopIfOutrun(ran, 0, ttlMillis(after, at));
    }
  }

  private static void stopIfOutrun(ScriptUnderTest.Ran ran, int index, long expected) {
    long ttl = ScriptUnderTest.now(ran.ttls().get(index));
    if (ttl == -2 && expected > 0 && expected <= ran.tookMillis()) {
      throw new Outrun();
    }
  }

  /** A TTL that was set is exact to the time that went by between setting and reading it. */
  static void assertTtl(ScriptUnderTest.Ran ran, int index, long expected, Supplier<String> label) {
    stopIfOutrun(ran, index, expected);
    long ttl = ScriptUnderTest.now(ran.ttls().get(index));
    long least = expected < 0 ? expected : Math.max(0, expected - ran.tookMillis());
    assertTrue(
        ttl <= expected && ttl >= least, () -> label.get() + ": TTL " + ttl + " not " + expected);
  }

  /** Rounded up; and a log's a millisecond longer, which its script says why. */
  static long ttlMillis(CounterState state, long at) {
    return millisUntilEnd(state, at) + (state instanceof SlidingLog.State ? 1 : 0);
  }

  static long millisUntilEnd(CounterState state, long at) {
    return -Math.floorDiv(at - state.endMicros(), 1_000L);
  }
}
