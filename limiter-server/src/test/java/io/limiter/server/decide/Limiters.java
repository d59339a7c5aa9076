package io.limiter.server.decide;

import io.limiter.server.rules.Match;
import io.limiter.server.rules.Matcher;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.CounterStore;
import java.util.List;

/** Limiters over rules that a test writes down. */
public final class Limiters {
  /** The only domain that has rules. */
  public static final String DOMAIN = "edge";

  private Limiters() {}

  /** A limiter to whose domain each of {@code rules} applies if the request has its key. */
  public static Limiter over(CounterStore store, DecisionListener listener, Rule... rules) {
    Matcher matcher =
        (domain, attributes) ->
            domain.equals(DOMAIN)
                ? new Match(
                    true,
                    List.of(),
                    List.of(rules).stream()
                        .filter(rule -> attributes.keySet().containsAll(rule.key()))
                        .toList())
                : Match.UNKNOWN_DOMAIN;
    return new Limiter(() -> matcher, store, listener);
  }
}
