package io.limiter.server.rules.table;

import io.limiter.server.rules.DescriptorTerms;
import io.limiter.server.rules.Rule;
import java.util.Set;

/** What the {@code rate_limit} of a descriptor says. */
public sealed interface DescriptorLimit {

  /** The names of the limits that do not count beside it. */
  Set<String> replaces();

  /** Nothing: a level on the way to others, or an entry of an allow list. */
  record None() implements DescriptorLimit {
    @Override
    public Set<String> replaces() {
      return Set.of();
    }
  }

  /** It says {@code unlimited: true}. */
  record Unlimited(Set<String> replaces) implements DescriptorLimit {
    public Unlimited {
      replaces = Set.copyOf(replaces);
    }
  }

  /**
   * So many requests for each window.
   *
   * @param rule the limit as a rule: a fixed window, in mode enforce, shadow or quota, named as
   *     metrics are to call it where no value of a request is named
   * @param detailedMetric whether metrics name every value of a request
   */
  record PerUnit(Rule rule, DescriptorTerms terms, Set<String> replaces, boolean detailedMetric)
      implements DescriptorLimit {
    public PerUnit {
      replaces = Set.copyOf(replaces);
    }
  }
}
