package io.limiter.server.store.lease;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Step;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.LeaseTerms;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Charges;
import io.limiter.server.store.Source;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Several instances with leases on one counter, whose clocks differ in speed and whose calls are
 * done and answered late or are lost: what they admit between them, each admission charged at the
 * moment it was given, is what the limit alone would have admitted at those moments.
 */
class LeasesNeverOverTest {
  private static final int LIVES = 300;
  private static final int STEPS = 2_000;
  private static final int INSTANCES = 3;
  private static final String KEY = "counter";

  private static final class Life {
    private final long seed;
    private final Random random;
    private final Limit limit;
    private final LeaseTerms terms;
    private final List<Leases> instances = new ArrayList<>();
    private final LocalCounterStore twin = new LocalCounterStore(() -> this.nowMicros);
    private final LaterSource source = new LaterSource(twin);
    private final long startMicros = 1_766_666_400_000_000L;
    private final boolean failing;
    private long nowMicros = startMicros;

    /** What would be stored if every token were charged when it is used. */
    private CounterState used = CounterState.ABSENT;

    private int step;
    private int leased;

    Life(Algorithm algorithm, long seed) {
      this.seed = seed;
      random = new Random(seed);
      long most = 2L + random.nextInt(random.nextBoolean() ? 40 : 4_000);
      long micros = 1_000L * (1 + random.nextInt(random.nextBoolean() ? 50 : 5_000));
      limit =
          algorithm == Algorithm.FIXED_WINDOW
              ? FixedWindow.per(micros, most)
              : TokenBucket.of(1 + random.nextInt(1_000), micros, most);
      terms = new LeaseTerms(1 + random.nextLong((most + 1) / 2), 10_000 + random.nextInt(90_000));
      failing = random.nextInt(4) == 0;
      for (int i = 0; i < INSTANCES; i++) {
        // Up to nine tenths of what the leases reckon with, slow and fast.
        long millionths = random.nextInt(-900, 901);
        instances.add(
            new Leases(
                twin,
                source,
                () -> {
                  long nanos = (nowMicros - startMicros) * 1_000;
                  return nanos + nanos / 1_000_000 * millionths;
                }));
      }
    }

    /** Lives; returns how many admissions leases gave. */
    int live() {
      int busy = 1 + random.nextInt(40);
      for (step = 0; step < STEPS; step++) {
        int dice = random.nextInt(100);
        if (dice < 8) {
          pass();
        } else if (dice < 30) {
          source.step(random, failing);
        } else if (dice < 32) {
          instances.get(random.nextInt(INSTANCES)).sweep();
        } else {
          int asked = random.nextInt(busy);
          Leases instance = instances.get(random.nextInt(INSTANCES));
          for (int i = 0; i < asked; i++) {
            ask(instance);
          }
          nowMicros += random.nextInt(200);
        }
      }
      return leased;
    }

    private void pass() {
      long window = limit.windowMicros(nowMicros);
      nowMicros +=
          switch (random.nextInt(5)) {
            case 0 -> random.nextLong(Math.max(1, window));
            case 1 -> random.nextLong(Math.max(1, window / 20));
            case 2 -> window - nowMicros % window - random.nextInt(2);
            case 3 -> random.nextInt(60_000);
            default -> random.nextInt(2_000);
          };
    }

    private void ask(Leases instance) {
      long cost = random.nextInt(5) > 0 ? 1 : 1 + random.nextInt(4);
      Answer answer = instance.decide(charge(cost)).toCompletableFuture().join();
      Answer.Decided decided = assertInstanceOf(Answer.Decided.class, answer);
      long remaining = decided.outcomes().get(0).remaining();
      assertTrue(remaining >= 0 && remaining <= limit.limit(), () -> label("remaining"));
      if (decided.admitted()) {
        Step real = limit.decide(used, cost, nowMicros);
        assertTrue(real.outcome().admits(), () -> label(decided.source() + " for " + cost));
        used = real.after();
        if (decided.source() == Source.LEASE) {
          leased++;
          assertTrue(decided.outcomes().get(0).resetAfterMicros() > 0, () -> label("reset"));
        }
      }
    }

    private Charge charge(long cost) {
      return Charges.of(
          List.of(new Charge.Entry(Role.ENFORCED, KEY, limit, cost, terms)),
          List.of(),
          /* wantReceipt= */ false,
          null);
    }

    private String label(String what) {
      return "life %d step %d at %d under %s, %s: %s, with %s used"
          .formatted(seed, step, nowMicros, limit, terms, what, used);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FIXED_WINDOW", "TOKEN_BUCKET"})
  void everyAdmission_isOneOfTheLimit(Algorithm algorithm) {
    Random seeds = new Random(20_260_101L * 31 + algorithm.letter());
    long leased = 0;
    for (int i = 0; i < LIVES; i++) {
      Life life = new Life(algorithm, seeds.nextLong());
      leased += life.live();
    }
    assertTrue(leased > 100L * LIVES, leased + " admissions by leases prove little");
  }
}
