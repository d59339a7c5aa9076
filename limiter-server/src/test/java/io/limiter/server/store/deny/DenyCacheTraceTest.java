package io.limiter.server.store.deny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.Source;
import io.limiter.server.store.local.LocalCounterStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/**
 * Random questions to counters behind the cache, on a clock that differs from theirs and with time
 * passing on the way: whatever the cache says, the counters would say too. A denial writes nothing,
 * so they can be asked beside it.
 */
class DenyCacheTraceTest {
  private static final int TRACES = 100;
  private static final int STEPS = 1_000;
  private static final int LONGEST_WAY_MICROS = 3_000;

  /** Counters, each of a limit of its own. */
  private static final List<Limit> LIMITS =
      List.of(
          FixedWindow.per(200_000, 5),
          FixedWindow.per(5_000_000, 20),
          new SlidingLog(5, 300_000),
          new SlidingCounter(6, 400_000),
          TokenBucket.of(20, 1_000_000, 5),
          LeakyBucket.of(3, 1_000_000, 4),
          new ConcurrencyLimit(4, 300_000));

  private static final class World {
    private final Random random;

    /** How much faster this host's clock runs than that of Redis; NTP allows 500 there and here. */
    private final long partsPerMillion;

    private final List<Charge> charges = new ArrayList<>();

    private long realNanos;
    private final LocalCounterStore counters =
        new LocalCounterStore(() -> 1_766_666_666_123_456L + realNanos / 1_000);
    private final DenyCache cache =
        new DenyCache(
            new ForwardingCounterStore(counters) {
              @Override
              public CompletionStage<Answer> decide(Charge charge) {
                pass(LONGEST_WAY_MICROS);
                CompletionStage<Answer> answer = super.decide(charge);
                pass(LONGEST_WAY_MICROS);
                return answer;
              }
            },
            Duration.ofMillis(500),
            () -> realNanos + realNanos / 1_000_000 * ppm());

    World(long seed) {
      random = new Random(seed);
      partsPerMillion = List.of(-900, 0, 900).get(random.nextInt(3));
      for (int i = 0; i < 15; i++) {
        charges.add(some());
      }
    }

    private long ppm() {
      return partsPerMillion;
    }

    void pass(int mostMicros) {
      realNanos += random.nextInt(mostMicros * 1_000);
    }

    Charge.Entry entry(int counter, Role role) {
      Limit limit = LIMITS.get(counter);
      long cost = 1L + random.nextInt((int) limit.limit() + 1);
      return new Charge.Entry(role, "k" + counter, limit, random.nextBoolean() ? 1 : cost);
    }

    /** One to three counters, each in some role. */
    private Charge some() {
      List<Charge.Entry> entries = new ArrayList<>();
      for (int counter = random.nextInt(3); counter < LIMITS.size(); counter += 2) {
        if (entries.isEmpty() || random.nextInt(3) == 0) {
          int role = random.nextInt(4);
          entries.add(
              entry(counter, role == 0 ? Role.QUOTA : role == 1 ? Role.SHADOW : Role.ENFORCED));
        }
      }
      return new Charge.Whole(entries);
    }

    Charge any() {
      return charges.get(random.nextInt(charges.size()));
    }
  }

  private static Answer.Decided join(CompletionStage<Answer> answer) {
    return assertInstanceOf(Answer.Decided.class, answer.toCompletableFuture().join());
  }

  @Test
  void whatTheCacheDenies_theCountersDeny_whoeverElseCharges() {
    int remembered = 0;
    for (long seed = 1; seed <= TRACES; seed++) {
      World world = new World(seed);
      for (int step = 0; step < STEPS; step++) {
        world.pass(world.random.nextInt(20) == 0 ? 300_000 : 10_000);
        Charge charge = world.any();
        switch (world.random.nextInt(20)) {
          case 0 -> {
            var unused = world.cache.reset(List.of(charge.entries().get(0).key()));
          }
          case 1 -> {
            Charge.Entry back = charge.entries().get(0);
            Charge.Entry credit =
                new Charge.Entry(back.role(), back.key(), back.limit(), -back.cost());
            join(world.cache.decide(new Charge.Whole(List.of(credit))));
          }
          case 2, 3, 4 -> join(world.counters.decide(charge));
          default -> {
            Answer.Decided answer = join(world.cache.decide(charge));
            if (answer.source() == Source.DENY_CACHE) {
              remembered++;
              String where = "seed " + seed + ", step " + step + ": " + charge;
              assertFalse(answer.admitted(), where);
              assertFalse(join(world.counters.decide(charge)).admitted(), where);
            }
          }
        }
      }
    }
    assertTrue(remembered > TRACES * STEPS / 20, "only " + remembered + " were remembered");
  }

  @Test
  void whoComesAgainWhenTheCacheSays_isNeitherEarlyNorMuchTooLate() {
    int remembered = 0;
    for (long seed = 1; seed <= TRACES; seed++) {
      World world = new World(seed);
      Map<String, Integer> charged = new HashMap<>();
      Map<Charge, Integer> chargedBefore = new HashMap<>();
      for (int step = 0; step < STEPS; step++) {
        world.pass(10_000);
        Charge.Entry entry = world.entry(world.random.nextInt(LIMITS.size()), Role.ENFORCED);
        Charge charge = new Charge.Whole(List.of(entry));
        Answer.Decided answer = join(world.cache.decide(charge));
        if (answer.admitted()) {
          charged.merge(entry.key(), 1, Integer::sum);
        } else if (answer.source() == Source.REDIS) {
          chargedBefore.put(charge, charged.getOrDefault(entry.key(), 0));
        } else if (entry.limit() instanceof FixedWindow
            || charged.getOrDefault(entry.key(), 0).equals(chargedBefore.get(charge))) {
          remembered++;
          compare(
              join(world.counters.decide(charge)).outcomes().get(0),
              answer.outcomes().get(0),
              "seed " + seed + ", step " + step + ": " + charge);
        }
      }
    }
    assertTrue(remembered > TRACES * STEPS / 20, "only " + remembered + " were remembered");
  }

  private static void compare(Outcome truth, Outcome said, String where) {
    assertEquals(truth.getClass(), said.getClass(), where);
    // The way there and back, and two parts in a thousand of the half second that it is remembered.
    long slack = 2 * LONGEST_WAY_MICROS + 1_000 + 2;
    if (truth instanceof Outcome.Denied exact && said instanceof Outcome.Denied denied) {
      long late = denied.retryAfterMicros() - exact.retryAfterMicros();
      assertTrue(late >= 0 && late <= slack, () -> late + " µs late, " + where);
    }
    long late = said.resetAfterMicros() - truth.resetAfterMicros();
    assertTrue(late <= slack, () -> "as new " + late + " µs late, " + where);
  }
}
