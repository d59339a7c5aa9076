package io.limiter.algorithm;

import static io.limiter.algorithm.Definition.big;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.testing.Limits;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two instances admit by themselves while the counter is asked by others, and settle later. The
 * counter never denies what the algorithm's definition would admit that was charged with
 * everything, each at its own time. And where nothing of it is lost, it denies as much. Time runs
 * forward; {@code SettleTraceIT} proves that the script does what is tried here.
 */
class SettledNeverLaterTest {
  private static final int LIVES = 400;
  private static final long START = 1_700_000_000_000_000L;
  private static final long WINDOW = 1_000_000;

  private static Definition definition(Limit limit) {
    if (limit instanceof FixedWindow window) {
      return new Definition.WindowDefinition(window);
    }
    if (limit instanceof SlidingLog log) {
      return new Definition.LogDefinition(log);
    }
    if (limit instanceof SlidingCounter counter) {
      return new Definition.CounterDefinition(counter);
    }
    if (limit instanceof ConcurrencyLimit concurrency) {
      return new Definition.ConcurrencyDefinition(concurrency);
    }
    return limit instanceof TokenBucket token
        ? new Definition.BucketDefinition(token.bucket(), /* delays= */ false)
        : new Definition.BucketDefinition(((LeakyBucket) limit).bucket(), /* delays= */ true);
  }

  /** A counter, what two instances owe it, and what it would have been charged. */
  private static final class Life {
    private final Random random;
    private final Limit limit;
    private final Definition definition;
    private final List<List<Owed>> owed = List.of(new ArrayList<>(), new ArrayList<>());
    private final String label;
    private CounterState state = CounterState.ABSENT;
    private long now = START;

    /** Whether everything was charged at its own time. */
    private boolean exact = true;

    Life(Algorithm algorithm, long seed) {
      random = new Random(seed);
      limit = Limits.of(algorithm, 1 + random.nextInt(50), WINDOW);
      definition = definition(limit);
      label = limit + " seed " + seed;
    }

    void live() {
      for (int i = 0; i < 200; i++) {
        now += random.nextLong(random.nextInt(20) == 0 ? 2 * WINDOW : WINDOW / 20);
        long cost = random.nextLong(1, 6);
        switch (random.nextInt(10)) {
          case 0 -> settle(owed.get(0));
          case 1 -> settle(owed.get(1));
          case 2, 3, 4 -> charge(cost);
          default -> admit(owed.get(random.nextInt(2)), cost);
        }
      }
      settle(owed.get(0));
      settle(owed.get(1));
      for (int i = 0; i < 20; i++) {
        assertNotLater();
        now += random.nextLong(WINDOW / 5);
      }
    }

    private void charge(long cost) {
      Step step = limit.decide(state, cost, now);
      if (step.outcome().admits()) {
        definition.charge(now, cost);
        state = step.after();
      }
    }

    /** Sometimes as of a time before, as what is joined to an earlier part. */
    private void admit(List<Owed> to, long cost) {
      if (limit.algorithm() != Algorithm.CONCURRENCY) { // no hold is made there
        definition.charge(now, cost);
      }
      long last = to.isEmpty() ? 0 : to.get(to.size() - 1).atMicros();
      boolean early = random.nextInt(4) == 0;
      exact &= !early;
      to.add(new Owed(cost, early ? Math.max(last, now - random.nextInt(50_000)) : now));
    }

    private void settle(List<Owed> by) {
      if (!by.isEmpty()) {
        Settled settled = limit.settle(state, by, now);
        long all = by.stream().mapToLong(Owed::cost).sum();
        assertTrue(settled.charged() >= 0 && settled.gone() >= 0, label);
        assertTrue(settled.charged() + settled.gone() <= all, label);
        exact &= settled.charged() + settled.gone() == all;
        state = settled.after();
        by.clear();
      }
      if (owed.stream().allMatch(List::isEmpty)) {
        assertNotLater();
      }
    }

    private void assertNotLater() {
      BigInteger due = definition.room(now).max(BigInteger.ZERO);
      BigInteger room = big(limit.decide(state, 0, now).outcome().remaining());
      String what = label + " at " + now + ": " + room + " of " + due;
      assertTrue(room.compareTo(due) >= 0, what);
      if (exact && !limit.algorithm().tellsUse()) {
        assertEquals(due, room, what);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSettled_deniesNobodyLater_andNobodySoonerIfAllOfItFits(Algorithm algorithm) {
    for (int i = 0; i < LIVES; i++) {
      new Life(algorithm, 20_260_101 + i).live();
    }
  }

  /** A bucket that is asked by nobody else meanwhile is exact, also if it was in use before. */
  @ParameterizedTest
  @EnumSource(names = {"TOKEN_BUCKET", "LEAKY_BUCKET"})
  void aBucketThatOneInstanceOwes_isAsIfItHadBeenAsked(Algorithm algorithm) {
    for (int seed = 0; seed < LIVES; seed++) {
      Random random = new Random(seed);
      Limit limit = Limits.of(algorithm, 20, WINDOW);
      long now = START;
      CounterState state = limit.decide(CounterState.ABSENT, 1 + random.nextInt(20), now).after();
      CounterState asked = state;
      List<Owed> owed = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        now += random.nextLong(WINDOW / 20);
        Step step = limit.decide(asked, 1 + random.nextInt(3), now);
        if (step.outcome().admits() && now < state.endMicros()) {
          long cost =
              limit.decide(asked, 0, now).outcome().remaining() - step.outcome().remaining();
          owed.add(new Owed(cost, now));
          asked = step.after();
        }
      }
      now = Math.min(now, state.endMicros() - 1);
      if (!owed.isEmpty() && now >= owed.get(owed.size() - 1).atMicros()) {
        assertEquals(asked, limit.settle(state, owed, now).after(), "seed " + seed);
      }
    }
  }
}
