package io.limiter.server.rules;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One descriptor of a request, as Envoy sends it: entries in an order that matters.
 *
 * @param entries may repeat a key
 * @param limit the limit that the caller wants applied instead of the domain's
 */
public record Descriptor(List<Entry> entries, @Nullable OwnLimit limit) {
  public Descriptor {
    entries = List.copyOf(entries);
  }

  /** A key and its value; either may be empty. */
  public record Entry(String key, String value) {}

  /**
   * A limit that comes with the request.
   *
   * @param requestsPerUnit 0 to 2^32 - 1
   */
  public record OwnLimit(long requestsPerUnit, RatePeriod period) {}
}
