package io.limiter.server.key;

import java.util.List;

/**
 * What tells the counter of a descriptor apart in its domain.
 *
 * @param parts the descriptor's entries
 * @param ownUnit the window of a limit that came with the request, {@code minute} or {@code
 *     5minute}: its counter is its own. Empty for a limit of the configuration
 */
public record DescriptorCounter(List<Part> parts, String ownUnit) {
  public DescriptorCounter {
    parts = List.copyOf(parts);
  }

  /**
   * One entry.
   *
   * @param value the value that is counted apart, or the wildcard whose values are counted together
   * @param shared whether it is such a wildcard
   */
  public record Part(String key, String value, boolean shared) {}
}
