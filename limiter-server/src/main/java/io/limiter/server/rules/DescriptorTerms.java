package io.limiter.server.rules;

import java.util.Map;

/**
 * What a limit of a descriptor says beside its rule.
 *
 * @param requestsPerUnit for each window; 0 to 2^32 - 1
 * @param name for {@code replaces}; empty for none
 * @param quota whether it stands among the quotas of a request, also if it denies nothing itself
 * @param metadata for other filters of the proxy; empty for none
 */
public record DescriptorTerms(
    RatePeriod period,
    long requestsPerUnit,
    String name,
    boolean quota,
    Map<String, Object> metadata) {
  public DescriptorTerms {
    metadata = Map.copyOf(metadata);
  }
}
