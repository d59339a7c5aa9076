package io.limiter.server.cli.text;

import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RuleStatus;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a look showed, and what it means for a request. A look costs 0, so an empty counter admits
 * it: only what is left tells whether a request would be admitted.
 *
 * @param answer to a question that charged nothing
 * @param cost what the request would be charged by rules that count requests
 * @param unitCosts what it would be charged by rules that count another unit
 */
public record Look(CheckAndConsumeResponse answer, long cost, Map<String, Long> unitCosts) {
  public Look {
    unitCosts = Map.copyOf(unitCosts);
  }

  /** Whether the request would be admitted now. */
  public boolean admits() {
    return answer.getAllowed()
        && answer.getStatusesList().stream().filter(rule -> !rule.getShadow()).allMatch(this::fits);
  }

  /** Whether the rule would admit the request now. */
  boolean fits(RuleStatus rule) {
    return rule.getAllowed() && rule.getRemaining() >= cost(rule);
  }

  /** Whether there is a time at which the request would be admitted. */
  boolean fitsEver() {
    return answer.getStatusesList().stream()
        .filter(rule -> !rule.getShadow())
        .allMatch(this::fitsEver);
  }

  /** Whether an unused counter of the rule has room for the request. */
  boolean fitsEver(RuleStatus rule) {
    return rule.getLimit() >= cost(rule);
  }

  /** The request in words: {@code a request}, {@code a request of cost 5}. */
  String request() {
    StringBuilder text = new StringBuilder("a request");
    if (cost != 1) {
      text.append(" of cost ").append(cost);
    }
    String and = cost == 1 ? " of " : " and ";
    for (Map.Entry<String, Long> unit : new TreeMap<>(unitCosts).entrySet()) {
      text.append(and).append(unit.getValue()).append(' ').append(unit.getKey());
      and = " and ";
    }
    return text.toString();
  }

  private long cost(RuleStatus rule) {
    return rule.getUnit().isEmpty() ? cost : unitCosts.getOrDefault(rule.getUnit(), 0L);
  }
}
