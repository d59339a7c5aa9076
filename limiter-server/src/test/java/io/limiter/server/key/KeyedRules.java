package io.limiter.server.key;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.FailureMode;
import io.limiter.server.rules.Rule;
import io.limiter.testing.Limits;
import java.util.List;
import java.util.Map;

/** Rules whose counters have keys. */
final class KeyedRules {
  private static final long HOUR = 3_600_000_000L;

  private KeyedRules() {}

  /** Whatever numbers: they are no part of a key. */
  static Limit limit(Algorithm algorithm) {
    return Limits.of(algorithm, 5, HOUR);
  }

  /** An enforced token bucket. */
  static Rule rule(String name, Keying keying, String... key) {
    return new Rule(
        name,
        List.of(key),
        limit(Algorithm.TOKEN_BUCKET),
        Rule.Mode.ENFORCE,
        "",
        keying,
        FailureMode.LOCAL);
  }

  /** The key of its counter in the domain {@code edge}, which has no partition. */
  static String key(Rule rule, Map<String, String> attributes) {
    return CounterKeys.counter(ValueHash.PLAIN, "edge", List.of(), rule, attributes);
  }

  /** One for each user, in a mode. */
  static Rule perUser(String name, Rule.Mode mode) {
    return new Rule(
        name,
        List.of("user"),
        limit(Algorithm.TOKEN_BUCKET),
        mode,
        "",
        Keying.PLAIN,
        FailureMode.LOCAL);
  }
}
