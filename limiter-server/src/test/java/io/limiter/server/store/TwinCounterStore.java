package io.limiter.server.store;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The counters in memory, over the Java twins of the scripts: what the shared counters are compared
 * with, and what tests of the layers above ask. Answers at once, on the caller's thread.
 */
public final class TwinCounterStore implements CounterStore {
  private static final long KEPT_MICROS = 60_000_000;

  private final LongSupplier nowMicros;
  private final Map<String, CounterState> states = new HashMap<>();
  private final Map<String, Kept> answers = new HashMap<>();
  private final Map<Receipt, List<Taken>> records = new HashMap<>();
  private long receipts;

  private record Kept(
      String fingerprint, List<String> keys, Answer.Decided answer, long endMicros) {}

  private record Taken(String key, Charged charged) {}

  /** A store whose time is {@code nowMicros}, in microseconds since the epoch. */
  public TwinCounterStore(LongSupplier nowMicros) {
    this.nowMicros = nowMicros;
  }

  /** A store that lives by this host's clock. */
  public TwinCounterStore() {
    this(() -> System.currentTimeMillis() * 1_000);
  }

  @Override
  public synchronized CompletionStage<Answer> decide(Charge charge) {
    long now = nowMicros.getAsLong();
    Charge.Idempotency idempotency = charge.idempotency();
    if (idempotency != null) {
      Kept kept = answers.get(idempotency.key());
      if (kept != null && now < kept.endMicros) {
        return CompletableFuture.completedStage(repeated(charge, idempotency, kept));
      }
    }
    Answer.Decided answer = decided(charge, now);
    if (idempotency != null && answer.admitted()) {
      answers.put(
          idempotency.key(),
          new Kept(idempotency.fingerprint(), keys(charge), answer, now + KEPT_MICROS));
    }
    return CompletableFuture.completedStage(answer);
  }

  private static Answer repeated(Charge charge, Charge.Idempotency asked, Kept kept) {
    if (!asked.fingerprint().equals(kept.fingerprint)) {
      return new Answer.Conflict();
    }
    Answer.Decided first = kept.answer;
    boolean sameRules = kept.keys.equals(keys(charge));
    return new Answer.Decided(
        first.admitted(),
        sameRules ? first.outcomes() : List.of(),
        first.nowMicros(),
        first.receipt(),
        /* replayed= */ true);
  }

  private static List<String> keys(Charge charge) {
    List<String> keys = new ArrayList<>();
    charge.entries().forEach(entry -> keys.add(entry.role() + ":" + entry.key()));
    return keys;
  }

  private Answer.Decided decided(Charge charge, long now) {
    boolean admitted =
        charge.entries().stream()
            .filter(entry -> entry.role() == Charge.Role.ENFORCED)
            .allMatch(entry -> step(entry, now).outcome().admits());
    List<Taken> taken = new ArrayList<>();
    List<Outcome> outcomes = outcomes(charge.entries(), admitted, now, taken);
    Receipt receipt = charge.wantReceipt() && !taken.isEmpty() ? record(taken) : null;
    return new Answer.Decided(admitted, outcomes, now, receipt, /* replayed= */ false);
  }

  /** What each entry says, having charged those that admit if anything is to be charged at all. */
  private List<Outcome> outcomes(
      List<Charge.Entry> entries, boolean admitted, long now, List<Taken> taken) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Charge.Entry entry : entries) {
      Step step = step(entry, now);
      boolean fits = step.outcome().admits();
      if (fits && !admitted) {
        // It is not charged: what remains is what remained.
        step = step(new Charge.Entry(entry.key(), entry.limit(), 0), now);
      } else if (fits && entry.cost() > 0) {
        states.put(entry.key(), step.after());
        taken.add(new Taken(entry.key(), Charged.of(entry.cost(), step.after())));
      }
      outcomes.add(step.outcome());
    }
    return outcomes;
  }

  private Step step(Charge.Entry entry, long now) {
    return entry.limit().decide(state(entry.key()), entry.cost(), now);
  }

  private CounterState state(String key) {
    return states.getOrDefault(key, CounterState.ABSENT);
  }

  private Receipt record(List<Taken> taken) {
    Receipt receipt = new Receipt(0, ++receipts);
    records.put(receipt, taken);
    return receipt;
  }

  @Override
  public synchronized CompletionStage<Boolean> refund(Receipt receipt) {
    long now = nowMicros.getAsLong();
    boolean given = false;
    @Nullable List<Taken> taken = records.remove(receipt);
    if (taken != null) {
      for (Taken part : taken) {
        CounterState before = state(part.key);
        CounterState after = before.refund(part.charged, now);
        given |= after != before;
        keep(part.key, after);
      }
    }
    return CompletableFuture.completedStage(given);
  }

  private void keep(String key, CounterState state) {
    if (state.isAbsent()) {
      states.remove(key);
    } else {
      states.put(key, state);
    }
  }

  @Override
  public synchronized CompletionStage<Integer> reset(List<String> keys) {
    long now = nowMicros.getAsLong();
    int count = 0;
    for (String key : keys) {
      CounterState state = states.remove(key);
      count += state != null && now < state.endMicros() ? 1 : 0;
    }
    return CompletableFuture.completedStage(count);
  }
}
