package io.limiter.script;

import io.limiter.algorithm.Algorithm;
import io.limiter.testing.TestRedis;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The script under test is the one in use but for its clock. {@code -Dlimiter.test.steps=1000000}
 * for longer traces, {@code -Dlimiter.test.seed=N} for others.
 */
class TraceIT {
  private static final int STEPS = number("limiter.test.steps", 100_000);
  private static final int SEED = number("limiter.test.seed", 20_260_101);

  @ParameterizedTest
  @EnumSource
  void lua_equalsItsTwin_onRandomTraces(Algorithm algorithm) {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      Random random = new Random(31L * SEED + algorithm.letter());
      int steps = 0;
      int traces = 0;
      while (steps < STEPS) {
        long seed = random.nextLong();
        int length = 50 + random.nextInt(950);
        Trace trace = new Trace(algorithm, seed, "trace:" + algorithm.letter() + ":" + traces++);
        steps += trace.run(script, length);
      }
    }
  }

  static int number(String property, int byDefault) {
    String value = System.getProperty(property, "");
    return value.isBlank() ? byDefault : Integer.parseInt(value);
  }
}
