package io.limiter.server.rules;

import java.util.List;

/**
 * The rules that apply to one request.
 *
 * @param partition the attributes whose values place the domain's counters; empty if each counter
 *     has a place of its own
 * @param rules in the domain's order, each candidate behind its rule. Rules that are off, or
 *     unlimited for this request, are left out
 */
public record Match(List<String> partition, List<Rule> rules) {
  /** No rule applies. */
  public static final Match NONE = new Match(List.of(), List.of());

  public Match {
    partition = List.copyOf(partition);
    rules = List.copyOf(rules);
  }
}
