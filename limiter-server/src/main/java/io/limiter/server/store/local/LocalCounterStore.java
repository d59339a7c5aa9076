package io.limiter.server.store.local;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import io.limiter.ledger.Holds;
import io.limiter.ledger.Ledger;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.LeaseSource;
import io.limiter.server.store.Observation;
import io.limiter.server.store.Recent;
import io.limiter.server.store.Source;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Counters in this process's memory, decided by {@link Ledger} and the Java twins of the scripts:
 * what Redis would answer with nobody else asking. Answers at once, on the caller's thread. Safe to
 * share between threads.
 *
 * <p>A counter's state stays until it is reset, overwritten or displaced, also when its time is
 * over.
 */
public final class LocalCounterStore implements CounterStore, LeaseSource {
  private final LongSupplier nowMicros;
  private final Map<String, CounterState> states;
  private final FirstAnswers answers;
  private final Map<Receipt, Map<String, Charged>> records;
  private final Holds holds;
  private final String prefix = "~" + RecordKeys.holdName(new SecureRandom()).substring(0, 4);
  private long names;
  private long receipts;

  /** A store whose time is {@code nowMicros}, in microseconds since the epoch. */
  public LocalCounterStore(LongSupplier nowMicros) {
    this(nowMicros, Integer.MAX_VALUE);
  }

  /**
   * The same with a bound.
   *
   * @param most the most counters, answers under idempotency keys, and receipts that are kept, of
   *     each kind; the least recently used go first
   */
  public LocalCounterStore(LongSupplier nowMicros, int most) {
    this.nowMicros = nowMicros;
    this.states = new Recent<>(most);
    this.answers = new FirstAnswers(most);
    this.records = new Recent<>(most);
    this.holds = new Holds(new Recent<>(most), this::state, this::write);
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    return CompletableFuture.completedStage(decideNow(charge));
  }

  /** Decides a question on this thread. */
  public Answer decideNow(Charge charge) {
    return decideNow(charge, new HashMap<>());
  }

  /**
   * The same, and tells what it charged.
   *
   * @param costs takes in by their keys how much was charged to counters; less than 0 is given back
   */
  public synchronized Answer decideNow(Charge charge, Map<String, Long> costs) {
    long now = nowMicros.getAsLong();
    if (charge instanceof Charge.Whole whole) {
      return whole(whole, now, costs);
    }
    if (charge instanceof Charge.Any any) {
      return any(any, now, costs);
    }
    if (charge instanceof Charge.Ending ending) {
      return new Answer.Ended(holds.end(ending.asked(), now), now);
    }
    charge.entries().forEach(entry -> costs.merge(entry.key(), entry.cost(), Long::sum));
    Ledger.Decision counted = Ledger.counting(charge.entries(), this::state, now);
    counted.written().forEach(this::write);
    return decided(counted, now);
  }

  /** How many counters are kept. */
  public synchronized int size() {
    return states.size();
  }

  private Answer any(Charge.Any any, long now, Map<String, Long> costs) {
    List<Charge.Whole> alternatives = any.alternatives();
    for (int i = 0; i < alternatives.size(); i++) {
      Answer first = answers.of(alternatives.get(i), now);
      if (first instanceof Answer.Decided decided) {
        return new Answer.Any(i, List.of(decided));
      }
      if (first != null) {
        return new Answer.Conflict(i);
      }
    }
    List<Answer.Decided> told = new ArrayList<>();
    for (Charge.Whole one : alternatives) {
      Answer.Decided decided = anew(one, now, costs);
      told.add(decided);
      if (decided.admitted()) {
        break;
      }
    }
    return new Answer.Any(0, told);
  }

  private Answer whole(Charge.Whole charge, long now, Map<String, Long> costs) {
    Answer first = answers.of(charge, now);
    return first == null ? anew(charge, now, costs) : first;
  }

  private Answer.Decided anew(Charge.Whole charge, long now, Map<String, Long> costs) {
    Answer.Decided answer = charged(charge, now, costs);
    answers.keep(charge, answer, now);
    return answer;
  }

  private Answer.Decided charged(Charge.Whole charge, long now, Map<String, Long> costs) {
    boolean held = charge.hasHolds();
    if (held) {
      holds.sweep(charge.entries(), now);
    }
    Ledger.Decision decision = Ledger.whole(charge.entries(), this::state, now);
    decision.charged().forEach((key, charged) -> costs.put(key, charged.cost()));
    if (decision.admitted()) {
      for (Charge.Entry entry : charge.entries()) {
        if (entry.cost() < 0) {
          costs.put(entry.key(), entry.cost());
        }
      }
    }
    Map<String, Charged> apart = new HashMap<>(decision.charged());
    for (Charge.Entry entry : charge.entries()) {
      if (entry.holding() != null && entry.holding().micros() > 0) {
        apart.remove(entry.key());
      }
    }
    boolean recorded = charge.wantReceipt() && decision.admitted() && !apart.isEmpty();
    Receipt receipt = recorded ? record(charge, apart) : null;
    List<Outcome> outcomes =
        held ? holds.outcomes(charge.entries(), decision, now) : decision.outcomes();
    decision.written().forEach(this::write);
    String name = held ? localName() : "";
    return new Answer.Decided(
        decision.admitted(),
        outcomes,
        now,
        receipt,
        /* replayed= */ false,
        Source.REDIS,
        name,
        held ? holds.take(charge.entries(), decision, name, now) : List.of());
  }

  /** Whether holds of a name were taken here: no other instance knows them. */
  public boolean isLocal(String holdName) {
    return holdName.startsWith(prefix);
  }

  private String localName() {
    String digits = Long.toString(++names, Character.MAX_RADIX);
    return prefix + RecordKeys.NO_HOLD.substring(prefix.length() + digits.length()) + digits;
  }

  private Receipt record(Charge.Whole charge, Map<String, Charged> charged) {
    Receipt receipt = Receipt.forCounter(charge.entries().get(0).key(), 0, ++receipts);
    records.put(receipt, charged);
    return receipt;
  }

  private static Answer.Decided decided(Ledger.Decision decision, long now) {
    return new Answer.Decided(
        decision.admitted(), decision.outcomes(), now, /* receipt= */ null, /* replayed= */ false);
  }

  private CounterState state(String key) {
    return states.getOrDefault(key, CounterState.ABSENT);
  }

  private void write(String key, CounterState state) {
    if (state.isAbsent()) {
      states.remove(key);
    } else {
      states.put(key, state);
    }
  }

  @Override
  public synchronized CompletionStage<Boolean> refund(Receipt receipt) {
    long now = nowMicros.getAsLong();
    Map<String, Charged> charged = records.remove(receipt);
    boolean given = false;
    if (charged != null) {
      for (Map.Entry<String, Charged> charge : charged.entrySet()) {
        given |= giveBack(charge.getKey(), charge.getValue(), now);
      }
    }
    return CompletableFuture.completedStage(given);
  }

  private boolean giveBack(String key, Charged charged, long now) {
    CounterState before = state(key);
    CounterState after = before.refund(charged, now);
    write(key, after);
    return !after.equals(before);
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
    write(key, step.after());
    return CompletableFuture.completedStage(
        new Prefetched(
            tokens,
            step.outcome().remaining(),
            step.outcome().resetAfterMicros(),
            step.after().charged(tokens).windowMicros(),
            now));
  }

  @Override
  public synchronized CompletionStage<Integer> returnUnused(List<Unused> unused) {
    long now = nowMicros.getAsLong();
    int given = 0;
    for (Unused one : unused) {
      Charged charged = new Charged(one.tokens(), 0, one.windowEndMicros());
      if (now <= one.notAfterMicros() && giveBack(one.key(), charged, now)) {
        given++;
      }
    }
    return CompletableFuture.completedStage(given);
  }

  /** Nothing is learned here: this stands in while Redis is away, when nobody can observe. */
  @Override
  public CompletionStage<Integer> observe(List<String> keys, Observation said) {
    return CompletableFuture.completedStage(0);
  }

  @Override
  public synchronized CompletionStage<Integer> reset(List<String> keys) {
    long now = nowMicros.getAsLong();
    int count = 0;
    for (String key : keys) {
      CounterState state = states.remove(key);
      holds.reset(key);
      count += state != null && now < state.endMicros() ? 1 : 0;
    }
    return CompletableFuture.completedStage(count);
  }

  @Override
  public String toString() {
    return "counters in memory";
  }
}
