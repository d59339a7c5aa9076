package io.limiter.client.spring.actuate;

import io.limiter.client.Decision;
import io.limiter.client.Source;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Counts decisions by outcome and source, for {@link
 * io.limiter.client.LimiterClientBuilder#onDecision}. Thread-safe; takes no lock.
 */
public final class DecisionCounter implements Consumer<Decision> {
  /** Never changed once it is filled. */
  private final Map<Outcome, Map<Source, LongAdder>> counts = new EnumMap<>(Outcome.class);

  /** What became of a question. */
  public enum Outcome {
    /** It may go ahead. */
    ADMITTED,
    /** It may not. */
    DENIED,
    /** It was wrong, in a batch. */
    INVALID
  }

  /** Counts from 0. */
  public DecisionCounter() {
    for (Outcome outcome : Outcome.values()) {
      Map<Source, LongAdder> bySource = new EnumMap<>(Source.class);
      for (Source source : Source.values()) {
        bySource.put(source, new LongAdder());
      }
      counts.put(outcome, bySource);
    }
  }

  @Override
  public void accept(Decision decision) {
    Outcome outcome =
        decision instanceof Decision.Invalid
            ? Outcome.INVALID
            : decision.allowed() ? Outcome.ADMITTED : Outcome.DENIED;
    counter(outcome, decision.source()).increment();
  }

  /** How many there were. */
  public long count(Outcome outcome, Source source) {
    return counter(outcome, source).sum();
  }

  private LongAdder counter(Outcome outcome, Source source) {
    return Objects.requireNonNull(Objects.requireNonNull(counts.get(outcome)).get(source));
  }
}
