package io.limiter.server.decide;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Rules;
import io.limiter.server.store.CounterStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Limiters over rules that a test writes down. */
public final class Limiters {
  /** The only domain that has rules. */
  public static final String DOMAIN = "edge";

  private Limiters() {}

  /** A limiter to whose domain each of {@code rules} applies if the request has its key. */
  public static Limiter over(CounterStore store, DecisionListener listener, Rule... rules) {
    Domain domain =
        matching(
            attributes ->
                Stream.of(rules)
                    .filter(rule -> attributes.keySet().containsAll(rule.key()))
                    .toList());
    Rules table = table(domain);
    return new Limiter(() -> table, store, listener);
  }

  /** A table whose only domain is this one. */
  static Rules table(Domain domain) {
    return new OneDomain(domain);
  }

  /** That domain with rules by the attributes of a request. */
  static Domain matching(Function<Map<String, String>, List<Rule>> rules) {
    return new Matching(rules);
  }

  private record OneDomain(Domain only) implements Rules {
    @Override
    public Domain domain(String name) {
      return name.equals(DOMAIN) ? only : Domain.Unknown.INSTANCE;
    }

    @Override
    public Optional<String> nearest(String name) {
      return Optional.empty();
    }

    @Override
    public String hash() {
      return "";
    }
  }

  /** Rules without conditions. */
  private static final class Matching extends Domain.OfRules {
    private final Function<Map<String, String>, List<Rule>> rules;

    Matching(Function<Map<String, String>, List<Rule>> rules) {
      this.rules = rules;
    }

    @Override
    public Match match(Map<String, String> attributes) {
      return new Match(List.of(), rules.apply(attributes));
    }

    @Override
    public Explanation.OfRules explain(List<Descriptor.Entry> entries) {
      throw new UnsupportedOperationException("no file says where these rules are from");
    }

    @Override
    public String name() {
      return DOMAIN;
    }

    @Override
    public String file() {
      return "";
    }

    @Override
    public int ruleCount() {
      throw new UnsupportedOperationException("they depend on the request");
    }

    @Override
    public boolean defines(String rule) {
      return true;
    }
  }
}
