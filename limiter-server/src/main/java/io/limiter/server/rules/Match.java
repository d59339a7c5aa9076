package io.limiter.server.rules;

import java.util.List;

/**
 * The rules that apply to one request.
 *
 * @param known whether the domain has rules at all
 * @param partition the attributes that place all of the domain's counters of one value in one slot;
 *     empty when each counter has its own
 * @param rules in the domain's order; rules that are off or that an override makes unlimited are
 *     left out
 */
public record Match(boolean known, List<String> partition, List<Rule> rules) {
  public Match {
    partition = List.copyOf(partition);
    rules = List.copyOf(rules);
  }

  /** The answer for a domain without rules. */
  public static final Match UNKNOWN_DOMAIN = new Match(false, List.of(), List.of());

  /** The answer for a domain of descriptors: their entries have an order, which attributes lack. */
  public static final Match DESCRIPTORS_ONLY = new Match(true, List.of(), List.of());

  /** Whether the domain is one of descriptors, which attributes alone cannot match. */
  @SuppressWarnings("ReferenceEquality") // It equals a domain in which no rule applies.
  public boolean isOfDescriptors() {
    return this == DESCRIPTORS_ONLY;
  }
}
