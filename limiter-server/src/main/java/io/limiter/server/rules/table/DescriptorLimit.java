package io.limiter.server.rules.table;

import io.limiter.server.rules.RateUnit;
import io.limiter.server.rules.Rule;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The limit of a descriptor.
 *
 * @param unit null if there is none: {@code unlimited}
 * @param requestsPerUnit 0 to 2^32 - 1
 * @param name for {@code replaces}; empty for none
 * @param replaces the names of the limits that do not count beside it
 * @param mode enforce, shadow or quota
 * @param detailedMetric whether metrics name every value of a request
 * @param metadata for other filters of the proxy; empty for none
 */
public record DescriptorLimit(
    @Nullable RateUnit unit,
    long requestsPerUnit,
    String name,
    Set<String> replaces,
    Rule.Mode mode,
    boolean detailedMetric,
    Map<String, Object> metadata) {
  public DescriptorLimit {
    replaces = Set.copyOf(replaces);
    metadata = Map.copyOf(metadata);
  }
}
