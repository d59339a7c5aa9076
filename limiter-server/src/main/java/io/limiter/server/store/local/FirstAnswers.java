package io.limiter.server.store.local;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Recent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The first answers under idempotency keys, a minute each. Not safe to share between threads. */
final class FirstAnswers {
  private static final long TTL_MICROS = 60_000_000;

  private final Map<String, Kept> kept;

  /**
   * None yet.
   *
   * @param most how many are kept at most
   */
  FirstAnswers(int most) {
    kept = new Recent<>(most);
  }

  private record Kept(
      String fingerprint, List<String> keys, Answer.Decided answer, long endMicros) {}

  /** The answer that is kept of an earlier question; null if there is none. */
  @Nullable Answer of(Charge.Whole charge, long now) {
    Charge.Idempotency idempotency = charge.idempotency();
    Kept first = idempotency == null ? null : kept.get(idempotency.key());
    if (idempotency == null || first == null || now >= first.endMicros) {
      return null;
    }
    return first.fingerprint.equals(idempotency.fingerprint())
        ? replayed(first, charge)
        : new Answer.Conflict();
  }

  /** Keeps the answer to a question that has a key, if it is admitted. */
  void keep(Charge.Whole charge, Answer.Decided answer, long now) {
    Charge.Idempotency idempotency = charge.idempotency();
    if (idempotency != null && answer.admitted()) {
      kept.put(
          idempotency.key(),
          new Kept(idempotency.fingerprint(), keys(charge), answer, now + TTL_MICROS));
    }
  }

  /** Without outcomes where other counters are asked now: they would not fit. */
  private static Answer replayed(Kept first, Charge charge) {
    Answer.Decided answer = first.answer;
    boolean fits = first.keys.equals(keys(charge));
    return new Answer.Decided(
        answer.admitted(),
        fits ? answer.outcomes() : List.of(),
        answer.nowMicros(),
        answer.receipt(),
        /* replayed= */ true,
        answer.source(),
        answer.holdName(),
        fits ? answer.held() : List.of());
  }

  private static List<String> keys(Charge charge) {
    return charge.entries().stream().map(entry -> entry.role() + ":" + entry.key()).toList();
  }
}
