package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.Observation;
import io.limiter.server.store.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Whoever finds the socket of the warm-up gets at no counter but its own. */
class WarmupStoreTest {
  private static final String OWN = "limiter:{limiter-warm-up|0}:bucket:t:me";
  private static final String OTHERS = "limiter:{edge|0}:per-user:t:alice";

  private final Real real = new Real();
  private boolean ready = true;
  private final WarmupStore store = new WarmupStore(real, () -> ready);

  /** What reaches the counters. */
  private static final class Real implements CounterStore {
    private final List<String> asked = new ArrayList<>();

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      charge.entries().forEach(entry -> asked.add(entry.key()));
      return CompletableFuture.completedStage(
          new Answer.Decided(
              /* admitted= */ true,
              List.of(),
              /* nowMicros= */ 0,
              /* receipt= */ null,
              /* replayed= */ false,
              Source.REDIS));
    }

    @Override
    public CompletionStage<Boolean> refund(Receipt receipt) {
      asked.add("refund");
      return CompletableFuture.completedStage(true);
    }

    @Override
    public CompletionStage<Integer> observe(List<String> keys, Observation said) {
      asked.addAll(keys);
      return CompletableFuture.completedStage(keys.size());
    }

    @Override
    public CompletionStage<Integer> reset(List<String> keys) {
      asked.addAll(keys);
      return CompletableFuture.completedStage(keys.size());
    }
  }

  private boolean isAnswered(String... keys) {
    List<Charge.Entry> entries = new ArrayList<>();
    for (String key : keys) {
      entries.add(
          new Charge.Entry(
              Role.ENFORCED,
              key,
              FixedWindow.per(1_000_000, 1),
              1,
              FailureMode.LOCAL,
              /* lease= */ null));
    }
    return !store
        .decide(new Charge.Whole(entries, /* wantReceipt= */ false, /* idempotency= */ null))
        .toCompletableFuture()
        .isCompletedExceptionally();
  }

  @Test
  void othersCounters_areNotReached() {
    assertTrue(isAnswered(OWN));
    assertFalse(isAnswered(OTHERS));
    assertFalse(isAnswered(OWN, OTHERS));
    assertEquals(1, store.reset(List.of(OWN, OTHERS)).toCompletableFuture().join());
    assertFalse(store.refund(Receipt.forCounter(OTHERS, 1, 2)).toCompletableFuture().join());
    assertEquals(List.of(OWN, OWN), real.asked);
  }

  @Test
  void whileTheyCannotBeAsked_andWhereItIsWanted_itFails() {
    assertFalse(isAnswered(OWN.replace("me", WarmupQuestions.AWAY + "me")));
    ready = false;
    assertFalse(isAnswered(OWN));
    assertEquals(List.of(), real.asked);
  }
}
