package io.limiter.server.api;

import com.google.protobuf.Duration;
import io.limiter.server.store.Observation;
import io.limiter.v1.ObserveRequest;
import java.util.concurrent.TimeUnit;

/** Reads what an upstream said of its own limit. */
final class ObservationReader {
  private static final long MOST_MICROS = TimeUnit.DAYS.toMicros(366);

  private ObservationReader() {}

  /** Of a request that is wrong, what is right in it. */
  static Observation read(ObserveRequest wire, Violations violations) {
    if (!wire.hasRemaining() && !wire.hasBlockedFor() && !wire.hasLimit()) {
      violations.add(
          "remaining",
          "is absent, and so are blocked_for and limit; say one of them, or do not call");
    }
    if (wire.hasRemaining()) {
      violations.checkCount("remaining", wire.getRemaining(), 0);
      if (!wire.hasResetAfter()) {
        violations.add(
            "reset_after",
            "is absent beside remaining; say when the window ends, else nobody knows until when"
                + " that holds");
      }
    }
    if (wire.hasLimit()) {
      violations.checkCount("limit", wire.getLimit(), 1);
    }
    return new Observation(
        wire.hasRemaining() ? wire.getRemaining() : -1,
        wire.hasResetAfter() ? micros("reset_after", wire.getResetAfter(), violations) : -1,
        wire.hasBlockedFor() ? micros("blocked_for", wire.getBlockedFor(), violations) : -1,
        wire.hasLimit() ? wire.getLimit() : -1);
  }

  /** Rounded up. */
  private static long micros(String field, Duration duration, Violations violations) {
    long seconds = duration.getSeconds();
    int nanos = duration.getNanos();
    if (seconds < 0 || nanos < 0 || nanos > 999_999_999 || seconds > MOST_MICROS / 1_000_000) {
      violations.add(
          field,
          "%ds %dns is out of range; use 0 to 366 days, and 0 to 999999999 nanos"
              .formatted(seconds, nanos));
      return 0;
    }
    return Math.min(MOST_MICROS, seconds * 1_000_000 + (nanos + 999) / 1_000);
  }
}
