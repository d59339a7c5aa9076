package io.limiter.server.store;

import io.limiter.algorithm.Limit;
import java.util.List;

/**
 * What one counter is owed: what was admitted without it while it could not be asked.
 *
 * @param key the counter's whole Redis key
 * @param parts the earliest first, one or more
 */
public record Debt(String key, Limit limit, List<Part> parts) {
  public Debt {
    parts = List.copyOf(parts);
  }

  /**
   * Admitted at one time, or soon after it.
   *
   * @param cost 1 or more
   * @param atNanos by {@link System#nanoTime}
   */
  public record Part(long cost, long atNanos) {}

  /** All of it. */
  public long cost() {
    return parts.stream().mapToLong(Part::cost).sum();
  }
}
