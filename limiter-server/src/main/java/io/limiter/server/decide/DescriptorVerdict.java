package io.limiter.server.decide;

import io.limiter.server.rules.DescriptorMatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link DescriptorRequest}.
 *
 * @param whole the answer as a whole: its statuses are those of all descriptors
 * @param descriptors one for each descriptor, in order
 * @param nowMicros the time of the decision by Redis, in microseconds since the epoch; 0 if Redis
 *     was not asked
 */
public record DescriptorVerdict(Verdict whole, List<DescriptorStatus> descriptors, long nowMicros) {
  public DescriptorVerdict {
    descriptors = List.copyOf(descriptors);
  }

  /**
   * The status of one descriptor.
   *
   * @param match where it leads in the domain's descriptors; null in a domain of rules
   * @param statuses one for each rule that applied, in the domain's order; in a domain of
   *     descriptors at most one
   */
  public record DescriptorStatus(@Nullable DescriptorMatch match, List<Verdict.Status> statuses) {
    public DescriptorStatus {
      statuses = List.copyOf(statuses);
    }
  }
}
