package io.limiter.ledger;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who is charged when several counters are asked as one question. A pure function of the counters'
 * states: it reads them, and returns what to write.
 *
 * <p>A question that is charged <em>whole</em> is admitted if every {@link Role#ENFORCED} counter
 * admits and, where there are quotas, at least one of these does. Only then are its counters
 * charged, each as far as it admits. A {@link Role#CANDIDATE} is charged as if it stood in place of
 * the counter before it. What is {@link Role#JOINED} is one with the counter before it. A denial
 * writes nothing else, but that a tenant of a {@link Limit.Shared} asked.
 *
 * <p>A question that <em>counts</em> charges every counter, one after the other, whatever any of
 * them says.
 *
 * <p>This is the twin of {@code headers.lua}: random batches prove that both decide alike.
 */
public final class Ledger {
  /** The place of the quotas among what denies: they do so together. */
  private static final int QUOTAS = -1;

  private final Function<String, CounterState> stored;
  private final long nowMicros;
  private final Map<String, CounterState> written = new HashMap<>();
  private final Map<String, Charged> charged = new HashMap<>();

  private Ledger(Function<String, CounterState> stored, long nowMicros) {
    this.stored = stored;
    this.nowMicros = nowMicros;
  }

  /** One counter of a question, and what is asked of it. */
  public interface Entry {
    /** What its denial does. */
    Role role();

    /** Which counter. */
    String key();

    /** The counter's limit. */
    Limit limit();

    /**
     * -2^52 to 2^52; 0 looks without charging, less than 0 gives back, down to an empty counter.
     */
    long cost();

    /**
     * How it holds; null if it has no book of holds. A candidate with one is charged with its
     * question only.
     */
    default @Nullable Holding holding() {
      return null;
    }
  }

  /**
   * What became of a question.
   *
   * @param outcomes one for each entry, in order. Of a question that is denied, an entry that
   *     admits says what remains without the charge
   * @param written the states that changed, by their counters; {@link CounterState#ABSENT} for a
   *     counter that is to be removed
   * @param charged what a refund has to give back, by its counters; empty for a question that
   *     counts
   */
  public record Decision(
      boolean admitted,
      List<Outcome> outcomes,
      Map<String, CounterState> written,
      Map<String, Charged> charged) {}

  /**
   * Decides a question that is charged whole or not at all.
   *
   * @param entries distinct counters; a candidate stands behind the entry that it would replace,
   *     and what is joined right behind what it is joined to
   * @param stored the state of a counter, {@link CounterState#ABSENT} if there is none
   * @param nowMicros the time, in microseconds since the epoch
   */
  public static Decision whole(
      List<? extends Entry> entries, Function<String, CounterState> stored, long nowMicros) {
    return new Ledger(stored, nowMicros).whole(entries);
  }

  /**
   * Decides a question that counts its denials too.
   *
   * @param entries fixed windows; a counter may occur again, and is charged again
   * @param stored the state of a counter, {@link CounterState#ABSENT} if there is none
   * @param nowMicros the time, in microseconds since the epoch
   */
  public static Decision counting(
      List<? extends Entry> entries, Function<String, CounterState> stored, long nowMicros) {
    return new Ledger(stored, nowMicros).counting(entries);
  }

  private Decision counting(List<? extends Entry> entries) {
    List<Outcome> outcomes = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      outcomes.add(
          entry.cost() < 0
              ? credit(entry, -entry.cost())
              : write(
                  entry,
                  ((FixedWindow) entry.limit()).count(state(entry), entry.cost(), nowMicros)));
    }
    return decision(denials(entries, together(entries, outcomes)).isEmpty(), outcomes);
  }

  private Decision whole(List<? extends Entry> entries) {
    List<Outcome> looks = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      looks.add(look(entry));
    }
    boolean[] admits = together(entries, looks);
    List<Integer> denials = denials(entries, admits);
    boolean admitted = denials.isEmpty();
    List<Outcome> outcomes = new ArrayList<>(entries.size());
    int live = 0;
    boolean candidate = false;
    for (int i = 0; i < looks.size(); i++) {
      Entry entry = entries.get(i);
      if (entry.role() != Role.JOINED) {
        candidate = entry.role() == Role.CANDIDATE;
        live = candidate ? live : entry.role() == Role.QUOTA ? QUOTAS : i;
      }
      boolean charge =
          admitted || (candidate && entry.holding() == null && denials.equals(List.of(live)));
      outcomes.add(settle(entry, looks.get(i), admitted, charge && admits[i]));
    }
    return decision(admitted, outcomes);
  }

  /** Charges an entry or gives back to it, if that is due, and says what it is told. */
  private Outcome settle(Entry entry, Outcome look, boolean admitted, boolean charge) {
    if (entry.cost() < 0) {
      return admitted ? credit(entry, -entry.cost()) : look;
    }
    if (!look.admits()) {
      return look;
    }
    if (!charge || entry.cost() == 0) {
      return step(entry, 0).outcome();
    }
    Step step = step(entry, entry.cost());
    charged.put(entry.key(), step.after().charged(entry.cost()));
    return write(entry, step);
  }

  /** Whether each entry admits, and all that it is joined with. */
  private static boolean[] together(List<? extends Entry> entries, List<Outcome> outcomes) {
    boolean[] admits = new boolean[outcomes.size()];
    int head = 0;
    for (int i = 0; i < admits.length; i++) {
      admits[i] = outcomes.get(i).admits();
      if (entries.get(i).role() == Role.JOINED) {
        Arrays.fill(admits, head, i + 1, admits[head] && admits[i]);
      } else {
        head = i;
      }
    }
    return admits;
  }

  /** The places of the entries that deny. */
  private static List<Integer> denials(List<? extends Entry> entries, boolean[] admits) {
    List<Integer> denials = new ArrayList<>();
    int quotas = 0;
    int deniedQuotas = 0;
    for (int i = 0; i < admits.length; i++) {
      boolean denied = !admits[i];
      switch (entries.get(i).role()) {
        case ENFORCED -> {
          if (denied) {
            denials.add(i);
          }
        }
        case QUOTA -> {
          quotas++;
          deniedQuotas += denied ? 1 : 0;
        }
        case SHADOW, CANDIDATE, JOINED -> {}
      }
    }
    if (quotas > 0 && quotas == deniedQuotas) {
      denials.add(QUOTAS);
    }
    return denials;
  }

  private Outcome look(Entry entry) {
    if (entry.cost() < 0) {
      return entry.limit().credit(state(entry), /* cost= */ 0, nowMicros).outcome();
    }
    Step step = step(entry, entry.cost());
    // Only a shared pool has anything to write then: that this tenant asked.
    return step.outcome().admits() ? step.outcome() : write(entry, step);
  }

  private Outcome credit(Entry entry, long cost) {
    return write(entry, entry.limit().credit(state(entry), cost, nowMicros));
  }

  private Step step(Entry entry, long cost) {
    return entry.limit().decide(state(entry), cost, nowMicros);
  }

  private CounterState state(Entry entry) {
    CounterState state = written.get(entry.key());
    return state == null ? stored.apply(entry.key()) : state;
  }

  private Outcome write(Entry entry, Step step) {
    if (!step.after().equals(state(entry))) {
      written.put(entry.key(), step.after());
    }
    return step.outcome();
  }

  private Decision decision(boolean admitted, List<Outcome> outcomes) {
    return new Decision(admitted, List.copyOf(outcomes), Map.copyOf(written), Map.copyOf(charged));
  }
}
