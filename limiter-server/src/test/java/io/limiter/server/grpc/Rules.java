package io.limiter.server.grpc;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import java.util.List;

/** Rules as tests write them. */
final class Rules {
  static final long YEAR_MICROS = 366L * 86_400_000_000L;

  private Rules() {}

  static Rule perUser(String name, Limit limit, Rule.Mode mode, String unit) {
    return new Rule(name, List.of("user"), limit, mode, unit, Keying.PLAIN, FailureMode.LOCAL);
  }

  /** So many a year for each user. */
  static Rule yearly(long limit) {
    return perUser(
        "yearly", FixedWindow.per(YEAR_MICROS, limit), Rule.Mode.ENFORCE, /* unit= */ "");
  }
}
