package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Charges;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.testing.Limits;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/**
 * Questions that were sent together are answered as if each had been asked alone, after those
 * before it: the same questions, one by one, are put to the twins at the times that Redis decided
 * them.
 */
class CoalescingIT {
  private static final long SEED = Long.getLong("limiter.test.seed", 20_261_124L);
  private static final int ROUNDS = 60;
  private static final int MOST_AT_ONCE = 400;
  private static final int COUNTERS = 8;
  private static final List<Algorithm> ALGORITHMS = List.of(Algorithm.values());

  private final Random random = new Random(SEED);
  private final List<Limit> limits = new ArrayList<>();
  private long twinMicros;
  private final LocalCounterStore twin = new LocalCounterStore(() -> twinMicros);

  private record Sent(Charge charge, CompletionStage<Answer> answer) {}

  @Test
  void answersOfQuestionsSentTogether_areThoseOfOneByOne() {
    BatchSizes batches = new BatchSizes();
    for (int i = 0; i < COUNTERS; i++) {
      limits.add(limit(i));
    }
    int questions = 0;
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own, batches)) {
      // A batch whose script Redis does not know is sent again, behind another that is under way.
      StoreOnRedis.join(redis.store().loadScripts());
      for (int round = 0; round < ROUNDS; round++) {
        limits.set(random.nextInt(COUNTERS), limit(random.nextInt(COUNTERS)));
        List<Sent> sent = new ArrayList<>();
        int count = 1 + random.nextInt(MOST_AT_ONCE);
        for (int i = 0; i < count; i++) {
          Charge charge = charge();
          sent.add(new Sent(charge, redis.store().decide(charge)));
        }
        for (int i = 0; i < count; i++) {
          compare(sent.get(i), "seed %d round %d question %d".formatted(SEED, round, i));
        }
        questions += count;
      }
    }
    List<Integer> sizes = batches.heard();
    assertTrue(sizes.size() < questions / 2, sizes.size() + " batches for " + questions);
    int largest = Collections.max(sizes);
    assertTrue(largest > 64, () -> "the largest batch had " + largest + " questions");
  }

  private void compare(Sent sent, String label) {
    Answer.Decided said = (Answer.Decided) StoreOnRedis.join(sent.answer);
    twinMicros = said.nowMicros();
    Answer.Decided alone = (Answer.Decided) StoreOnRedis.join(twin.decide(sent.charge));
    assertEquals(alone.admitted(), said.admitted(), () -> label + ": " + sent.charge);
    assertEquals(alone.outcomes(), said.outcomes(), () -> label + ": " + sent.charge);
    assertEquals(alone.receipt() == null, said.receipt() == null, label);
  }

  /** Limits that are met within a round, and partly come free again until the next. */
  private Limit limit(int counter) {
    long most = 1L + random.nextInt(600);
    long window = 5_000L + random.nextInt(200_000);
    long rate = 1L + random.nextInt(999);
    return Limits.of(ALGORITHMS.get(counter % ALGORITHMS.size()), most, window, rate, window);
  }

  private Charge charge() {
    List<Charge.Entry> entries = new ArrayList<>();
    int first = random.nextInt(random.nextBoolean() ? 1 : COUNTERS);
    int size = random.nextInt(8) == 0 ? 2 + random.nextInt(2) : 1;
    for (int i = 0; i < size; i++) {
      int counter = (first + i) % COUNTERS;
      Limit limit = limits.get(counter);
      String key = "k%d:%s".formatted(counter, limit.algorithm().letter());
      entries.add(new Charge.Entry(key, limit, cost()));
    }
    return Charges.of(entries, List.of(), /* wantReceipt= */ random.nextInt(20) == 0, null);
  }

  private long cost() {
    return switch (random.nextInt(20)) {
      case 0 -> 0;
      case 1 -> 2;
      case 2 -> 1 + random.nextInt(50);
      case 3 -> 10_000;
      default -> 1;
    };
  }
}
