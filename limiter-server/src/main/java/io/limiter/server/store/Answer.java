package io.limiter.server.store;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Ending;
import io.limiter.ledger.Held;
import io.limiter.server.key.Receipt;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the counters said to a {@link Charge}. */
public sealed interface Answer {

  /**
   * The question was decided, now or when it was first asked.
   *
   * @param admitted whether the question was admitted; then its entries were charged
   * @param outcomes one for each entry, in order. Empty if {@code replayed} and the rules have
   *     changed since the first answer: only its being admitted stands then
   * @param nowMicros the time of the decision by Redis, in microseconds since the epoch; of a
   *     cached denial, about the time by Redis when it was answered again
   * @param receipt the name of the record by which the charge can be refunded, if asked for and if
   *     anything was charged
   * @param replayed whether this repeats the first answer under the idempotency key
   * @param source what decided
   * @param holdName the name of the holds that were taken; empty if no entry has a book of holds
   * @param held one for each entry, in order; empty if none has a book
   */
  record Decided(
      boolean admitted,
      List<Outcome> outcomes,
      long nowMicros,
      @Nullable Receipt receipt,
      boolean replayed,
      Source source,
      String holdName,
      List<Held> held)
      implements Answer {

    /** Of counters without holds. */
    public Decided(
        boolean admitted,
        List<Outcome> outcomes,
        long nowMicros,
        @Nullable Receipt receipt,
        boolean replayed,
        Source source) {
      this(admitted, outcomes, nowMicros, receipt, replayed, source, "", List.of());
    }

    /** Decided by the shared counters. */
    public Decided(
        boolean admitted,
        List<Outcome> outcomes,
        long nowMicros,
        @Nullable Receipt receipt,
        boolean replayed) {
      this(admitted, outcomes, nowMicros, receipt, replayed, Source.REDIS);
    }
  }

  /** Holds ended, or were renewed, or neither. */
  record Ended(Ending.Result result, long nowMicros) implements Answer {}

  /**
   * Of several questions those that were asked were decided.
   *
   * @param from the place of the first that is told of, from 0; more than 0 only if it was answered
   *     before and is again
   * @param decided what each was told from there on, 1 or more. Only the last may be admitted
   */
  record Any(int from, List<Decided> decided) implements Answer {
    public Any {
      decided = List.copyOf(decided);
    }

    /** The place of the one that was admitted, from 0; -1 if none was. */
    public int chosen() {
      return last().admitted() ? from + decided.size() - 1 : -1;
    }

    /** What the last one was told. */
    public Decided last() {
      return decided.get(decided.size() - 1);
    }
  }

  /**
   * The idempotency key was used within the last minute for another question.
   *
   * @param place of which of several questions, from 0
   */
  record Conflict(int place) implements Answer {

    /** The one question's. */
    public Conflict() {
      this(0);
    }
  }
}
