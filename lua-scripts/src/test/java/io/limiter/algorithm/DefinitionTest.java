package io.limiter.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** What the definition says: the most cost that would be admitted, and the delay before it. */
  interface Definition {
    /** The room at a time, rounded down; less than 0 when more is in use than is allowed. */
    BigInteger room(long now);

    void charge(long now, long cost);

    default BigInteger delay(long now) {
      return BigInteger.ZERO;
    }
  }

  private static BigInteger big(long value) {
    return BigInteger.valueOf(value);
  }

  private static BigInteger ceilDiv(BigInteger a, BigInteger b) {
    return a.add(b).subtract(BigInteger.ONE).divide(b);
  }

  private record Charge(long at, long cost) {}

  private static final class WindowDefinition implements Definition {
    private final FixedWindow limit;
    private final Map<Long, BigInteger> counts = new HashMap<>();

    WindowDefinition(FixedWindow limit) {
      this.limit = limit;
    }

    @Override
    public BigInteger room(long now) {
      BigInteger count = counts.getOrDefault(limit.window().startOf(now), BigInteger.ZERO);
      return big(limit.limit()).subtract(count);
    }

    @Override
    public void charge(long now, long cost) {
      counts.merge(limit.window().startOf(now), big(cost), BigInteger::add);
    }
  }

  private static final class LogDefinition implements Definition {
    private final SlidingLog limit;
    private final List<Charge> log = new ArrayList<>();

    LogDefinition(SlidingLog limit) {
      this.limit = limit;
    }

    @Override
    public BigInteger room(long now) {
      BigInteger room = big(limit.limit());
      for (Charge charge : log) {
        if (charge.at > now - limit.windowMicros() && charge.at <= now) {
          room = room.subtract(big(charge.cost));
        }
      }
      return room;
    }

    @Override
    public void charge(long now, long cost) {
      log.add(new Charge(now, cost));
    }
  }

  /** previous × (W − elapsed) / W + current + c ≤ L, with W in whole units as the class says. */
  private static final class CounterDefinition implements Definition {
    private final SlidingCounter limit;
    private final Map<Long, BigInteger> counts = new HashMap<>();

    CounterDefinition(SlidingCounter limit) {
      this.limit = limit;
    }

    @Override
    public BigInteger room(long now) {
      long window = limit.windowMicros();
      long start = now - now % window;
      BigInteger previous = counts.getOrDefault(start - window, BigInteger.ZERO);
      BigInteger current = counts.getOrDefault(start, BigInteger.ZERO);
      BigInteger weighted = ceilDiv(previous.multiply(big(start + window - now)), big(window));
      return big(limit.limit()).subtract(current).subtract(weighted);
    }

    @Override
    public void charge(long now, long cost) {
      long window = limit.windowMicros();
      counts.merge(now - now % window, big(cost), BigInteger::add);
    }
  }

  /** What is in use, times the period: exact without reducing the rate. */
  private static final class BucketDefinition implements Definition {
    private final Bucket bucket;
    private final boolean delays;
    private BigInteger used = BigInteger.ZERO;
    private long last = START;

    BucketDefinition(Bucket bucket, boolean delays) {
      this.bucket = bucket;
      this.delays = delays;
    }

    private BigInteger used(long now) {
      BigInteger free = big(now - last).multiply(big(bucket.rate()));
      return used.subtract(free).max(BigInteger.ZERO);
    }

    @Override
    public BigInteger room(long now) {
      BigInteger period = big(bucket.periodMicros());
      return big(bucket.tokens()).multiply(period).subtract(used(now)).divide(period);
    }

    @Override
    public void charge(long now, long cost) {
      used = used(now).add(big(cost).multiply(big(bucket.periodMicros())));
      last = now;
    }

    @Override
    public BigInteger delay(long now) {
      return delays ? ceilDiv(used(now), big(bucket.rate())) : BigInteger.ZERO;
    }
  }

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
          switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> upTo(random, Math.max(1, limit.most()));
            case 2 -> Math.max(1, limit.most() / 7);
            default -> 1;
          };
      BigInteger room = definition.room(now);
      boolean fits = big(cost).compareTo(room) <= 0;
      Step step = limit.decide(state, cost, now);
      String label = "seed %d step %d: %d of %s under %s".formatted(seed, i, cost, room, limit);
      if (step.outcome() instanceof Outcome.Admitted admitted) {
        assertTrue(fits, label);
        assertEquals(definition.delay(now), big(admitted.delayMicros()), label);
        definition.charge(now, cost);
      } else {
        assertTrue(!fits || !exact, label);
      }
      BigInteger left = definition.room(now).max(BigInteger.ZERO);
      if (exact) {
        assertEquals(left, big(step.outcome().remaining()), label);
      } else {
        assertTrue(big(step.outcome().remaining()).compareTo(left) <= 0, label);
      }
      state = step.after();
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
      assertDefined(limit, new WindowDefinition(limit), seed, true);
    }
  }

  @Test
  void slidingLog_admitsWhatItsDefinitionDoes() {
    for (long seed = 0; seed < TRACES; seed++) {
      Random random = new Random(seed);
      SlidingLog limit = new SlidingLog(upTo(random, 1_000_000_000_000L), window(random));
      assertDefined(limit, new LogDefinition(limit), seed, true);
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
      assertDefined(limit, new CounterDefinition(limit), seed, limit.unitMicros() == 1);
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
      assertDefined(limit, new BucketDefinition(limit.bucket(), false), seed, true);
    }
  }

  @Test
  void leakyBucket_admitsWhatItsDefinitionDoes() {
    for (long seed = 0; seed < TRACES; seed++) {
      LeakyBucket limit =
          drawn(
              new Random(seed),
              r -> LeakyBucket.of(upTo(r, 1_000_000_000L), window(r), upTo(r, 1_000_000_000_000L)));
      assertDefined(limit, new BucketDefinition(limit.bucket(), true), seed, true);
    }
  }
}
