package io.limiter.server.store;

import io.limiter.algorithm.Outcome;
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
   */
  record Decided(
      boolean admitted,
      List<Outcome> outcomes,
      long nowMicros,
      @Nullable Receipt receipt,
      boolean replayed,
      Source source)
      implements Answer {

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

  /** The idempotency key was used within the last minute for another question. */
  record Conflict() implements Answer {}
}
