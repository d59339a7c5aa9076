package io.limiter.algorithm;

import static io.limiter.algorithm.Definition.big;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Each algorithm against its definition, done the plain way: everything that was ever charged is
 * remembered, and numbers are as large as they need to be. Time runs forward.
 */
class DefinitionTest {
  private static final int TRACES = 300;
  private static final int STEPS = 300;
  private static final long START = 1_700_000_000_000_000L;

  private static long upTo(Random random, long most) {
    long wide = 1L << (1 + random.nextInt(64 - Long.numberOfLeadingZeros(most)));
    return Math.min(most, 1 + Math.floorMod(random.nextLong(), wide));
  }

  private static void assertDefined(Limit limit, Definition definition, long seed, boolean exact) {
    Random random = new Random(seed);
    CounterState state = CounterState.ABSENT;
    long now = START;
    long span = Math.max(1, limit.windowMicros(now));
    for (int i = 0; i < STEPS; i++) {
      now +=
          random.nextInt(3) == 0
              ? 0
              : upTo(random, random.nextInt(20) == 0 ? 2 * span : Math.max(1, span / 20));
      long cost =
          switch (random.nextInt(7)) {
            case 0 -> 0;
            case 1 -> upTo(random, Math.max(1, limit.limit()));
            case 2 -> Math.max(1, limit.limit() / 7);
            case 3 -> -upTo(random, Math.max(1, limit.limit()));
            case 4 -> -Math.max(1, limit.limit() / 9);
            default -> 1;
          };
      BigInteger room = definition.room(now);
      boolean fits = big(cost).compareTo(room) <= 0;
      boolean beyond = cost > 0 && random.nextInt(8) == 0 && canHold(limit, state, cost, now);
      Step step =
          cost < 0
              ? limit.credit(state, -cost, now)
              : beyond ? limit.overcharge(state, cost, now) : limit.decide(state, cost, now);
      String label = "seed %d step %d: %d of %s under %s".formatted(seed, i, cost, room, limit);
      if (cost < 0) {
        assertEquals(0, ((Outcome.Admitted) step.outcome()).delayMicros(), label);
        definition.credit(now, -cost);
      } else if (beyond) {
        definition.charge(now, cost);
        assertEquals(limit.decide(step.after(), 0, now).outcome(), step.outcome(), label);
      } else if (step.outcome() instanceof Outcome.Admitted admitted) {
        assertTrue(fits, label);
        assertEquals(definition.delay(now), big(admitted.delayMicros()), label);
        definition.charge(now, cost);
      } else {
        assertTrue(!fits || !exact, label);
      }
      assertOwed(limit, step.after(), definition.room(now).negate(), now, exact, label);
      BigInteger left = definition.room(now).max(BigInteger.ZERO);
      if (exact) {
        assertEquals(left, big(step.outcome().remaining()), label);
      } else {
        assertTrue(big(step.outcome().remaining()).compareTo(left) <= 0, label);
      }
      state = step.after();
    }
  }

  /** Whether a cost beyond the limit is charged whole, as to all but nearly full counters it is. */
  private static boolean canHold(Limit limit, CounterState state, long cost, long now) {
    return limit.decide(state, 0, now).outcome() instanceof Outcome.Admitted
        && (!(limit instanceof TokenBucket token) || canHold(token.bucket(), cost))
        && (!(limit instanceof LeakyBucket leaky) || canHold(leaky.bucket(), cost));
  }

  private static boolean canHold(Bucket bucket, long cost) {
    return cost <= bucket.widest().capacity() - bucket.capacity();
  }

  /** What is owed is what is above the limit, and has come free when a denial said it would. */
  private static void assertOwed(
      Limit limit, CounterState state, BigInteger above, long now, boolean exact, String label) {
    long owed = limit.owed(state, now);
    BigInteger least = above.max(BigInteger.ZERO);
    assertTrue(exact ? least.equals(big(owed)) : least.compareTo(big(owed)) <= 0, label);
    Outcome look = limit.decide(state, 0, now).outcome();
    assertEquals(owed == 0, look.admits(), label);
    if (look instanceof Outcome.Denied denied) {
      assertEquals(0, denied.remaining(), label);
      long retry = now + denied.retryAfterMicros();
      assertTrue(limit.owed(state, retry - 1) > 0, label);
      assertTrue(!limit.decide(state, 0, retry - 1).outcome().admits(), label);
      assertEquals(0, limit.owed(state, retry), label);
      assertTrue(limit.decide(state, 0, retry).outcome().admits(), label);
    }
  }

  /** Draws numbers until they make a limit that can be exact. */
  private interface Draw<L> {
    L draw(Random random);
  }

  private static <L> L drawn(Random random, Draw<L> draw) {
    while (true) {
      try {
        return draw.draw(random);
      } catch (LimitOutOfBoundsException another) {
        // Most pairs of large numbers are out of bounds.
      }
    }
  }

  private static long window(Random random) {
    return Math.max(Bounds.MIN_WINDOW_MICROS, upTo(random, Bounds.MAX_WINDOW_MICROS));
  }

  @Test
  void fixedWindow_admitsWhatItsDefinitionDoes() {
    for (long seed = 0; seed < TRACES; seed++) {
      Random random = new Random(seed);
      FixedWindow limit = FixedWindow.per(window(random), upTo(random, 1_000_000_000_000L));
      assertDefined(limit, new Definition.WindowDefinition(limit), seed, true);
    }
  }

  @Test
  void slidingLog_admitsWhatItsDefinitionDoes() {
    for (long seed = 0; seed < TRACES; seed++) {
      Random random = new Random(seed);
      SlidingLog limit = new SlidingLog(upTo(random, 1_000_000_000_000L), window(random));
      assertDefined(limit, new Definition.LogDefinition(limit), seed, true);
    }
  }

  @Test
  void slidingCounter_admitsWhatItsDefinitionDoes_andNeverMoreInACoarserUnit() {
    int coarse = 0;
    for (long seed = 0; seed < 3 * TRACES; seed++) {
      Random random = new Random(seed);
      SlidingCounter limit =
          drawn(random, r -> new SlidingCounter(upTo(r, 1_000_000_000_000L), window(r)));
      coarse += limit.unitMicros() > 1 ? 1 : 0;
      assertDefined(limit, new Definition.CounterDefinition(limit), seed, limit.unitMicros() == 1);
    }
    assertTrue(coarse > 10, coarse + " limits in a coarser unit");
  }

  @Test
  void tokenBucket_admitsWhatItsDefinitionDoes() {
    for (long seed = 0; seed < TRACES; seed++) {
      TokenBucket limit =
          drawn(
              new Random(seed),
              r -> TokenBucket.of(upTo(r, 1_000_000_000L), window(r), upTo(r, 1_000_000_000_000L)));
      assertDefined(limit, new Definition.BucketDefinition(limit.bucket(), false), seed, true);
    }
  }

  @Test
  void leakyBucket_admitsWhatItsDefinitionDoes() {
    for (long seed = 0; seed < TRACES; seed++) {
      LeakyBucket limit =
          drawn(
              new Random(seed),
              r -> LeakyBucket.of(upTo(r, 1_000_000_000L), window(r), upTo(r, 1_000_000_000_000L)));
      assertDefined(limit, new Definition.BucketDefinition(limit.bucket(), true), seed, true);
    }
  }

  @Test
  void concurrency_admitsWhatItsDefinitionDoes() {
    for (long seed = 0; seed < TRACES; seed++) {
      Random random = new Random(seed);
      ConcurrencyLimit limit =
          new ConcurrencyLimit(upTo(random, 1_000_000_000_000L), window(random));
      assertDefined(limit, new Definition.ConcurrencyDefinition(limit), seed, true);
    }
  }
}
