package io.limiter.server.store;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Role;
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
public final class TwinCounterStore implements CounterStore, LeaseSource {
  private static final long KEPT_MICROS = 60_000_000;

  /** The place of the quotas among what denies: they do so together. */
  private static final int QUOTAS = -1;

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
    Charge.Idempotency idempotency =
        charge instanceof Charge.Whole whole ? whole.idempotency() : null;
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
    List<Taken> taken = new ArrayList<>();
    List<Outcome> outcomes = new ArrayList<>();
    if (charge instanceof Charge.Counting) {
      for (Charge.Entry entry : charge.entries()) {
        outcomes.add(entry.cost() < 0 ? credit(entry, -entry.cost(), now) : count(entry, now));
      }
      boolean admitted = denials(charge, outcomes).isEmpty();
      return new Answer.Decided(admitted, outcomes, now, null, /* replayed= */ false);
    }
    for (Charge.Entry entry : charge.entries()) {
      outcomes.add(entry.cost() < 0 ? credit(entry, 0, now) : step(entry, now).outcome());
    }
    List<Integer> denials = denials(charge, outcomes);
    settle(charge, outcomes, denials, now, taken);
    boolean admitted = denials.isEmpty();
    boolean wantReceipt = charge instanceof Charge.Whole whole && whole.wantReceipt();
    Receipt receipt = wantReceipt && admitted && !taken.isEmpty() ? record(taken) : null;
    return new Answer.Decided(admitted, outcomes, now, receipt, /* replayed= */ false);
  }

  /** The places of the entries that deny. */
  private static List<Integer> denials(Charge charge, List<Outcome> outcomes) {
    List<Integer> denials = new ArrayList<>();
    int quotas = 0;
    int deniedQuotas = 0;
    for (int i = 0; i < outcomes.size(); i++) {
      Role role = charge.entries().get(i).role();
      boolean denied = !outcomes.get(i).admits();
      if (role == Role.ENFORCED && denied) {
        denials.add(i);
      } else if (role == Role.QUOTA) {
        quotas++;
        deniedQuotas += denied ? 1 : 0;
      }
    }
    if (quotas > 0 && quotas == deniedQuotas) {
      denials.add(QUOTAS);
    }
    return denials;
  }

  /** Charges what is to be charged; what is not then says what remains as it is. */
  private void settle(
      Charge charge, List<Outcome> outcomes, List<Integer> denials, long now, List<Taken> taken) {
    int live = 0;
    for (int i = 0; i < outcomes.size(); i++) {
      Charge.Entry entry = charge.entries().get(i);
      boolean candidate = entry.role() == Role.CANDIDATE;
      live = candidate ? live : entry.role() == Role.QUOTA ? QUOTAS : i;
      boolean charged = denials.isEmpty() || (candidate && denials.equals(List.of(live)));
      if (entry.cost() < 0) {
        outcomes.set(i, denials.isEmpty() ? credit(entry, -entry.cost(), now) : outcomes.get(i));
      } else if (outcomes.get(i).admits() && entry.cost() > 0) {
        if (charged) {
          CounterState after = step(entry, now).after();
          states.put(entry.key(), after);
          taken.add(new Taken(entry.key(), Charged.of(entry.cost(), after)));
        } else {
          outcomes.set(i, entry.limit().decide(state(entry.key()), 0, now).outcome());
        }
      }
    }
  }

  private Outcome count(Charge.Entry entry, long now) {
    Step step = ((FixedWindow) entry.limit()).count(state(entry.key()), entry.cost(), now);
    keep(entry.key(), step.after());
    return step.outcome();
  }

  private Outcome credit(Charge.Entry entry, long cost, long now) {
    Step step = entry.limit().credit(state(entry.key()), cost, now);
    keep(entry.key(), step.after());
    return step.outcome();
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

  @Override
  public synchronized CompletionStage<Prefetched> prefetch(String key, Limit limit, long most) {
    long now = nowMicros.getAsLong();
    Outcome look = limit.decide(state(key), 0, now).outcome();
    long tokens = Math.min(most, look.remaining());
    if (tokens == 0) {
      return CompletableFuture.completedStage(
          new Prefetched(0, look.remaining(), look.resetAfterMicros(), 0, now));
    }
    Step step = limit.decide(state(key), tokens, now);
    keep(key, step.after());
    return CompletableFuture.completedStage(
        new Prefetched(
            tokens,
            step.outcome().remaining(),
            step.outcome().resetAfterMicros(),
            Charged.of(tokens, step.after()).windowMicros(),
            now));
  }

  @Override
  public synchronized CompletionStage<Integer> returnUnused(List<Unused> unused) {
    long now = nowMicros.getAsLong();
    int given = 0;
    for (Unused one : unused) {
      CounterState before = state(one.key());
      CounterState after = before.refund(new Charged(one.tokens(), 0, one.windowEndMicros()), now);
      if (now <= one.notAfterMicros() && after != before) {
        given++;
        keep(one.key(), after);
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
