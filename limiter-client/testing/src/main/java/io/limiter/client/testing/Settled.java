package io.limiter.client.testing;

import java.util.Map;

/**
 * What a hold was settled by.
 *
 * @param cost what was really used of rules that count requests
 * @param unitCosts the same by units
 */
public record Settled(long cost, Map<String, Long> unitCosts) {
  public Settled {
    unitCosts = Map.copyOf(unitCosts);
  }
}
