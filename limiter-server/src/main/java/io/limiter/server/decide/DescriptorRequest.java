package io.limiter.server.decide;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.store.Charge;
import java.util.List;

/**
 * A question in Envoy's terms, checked, free of any wire format.
 *
 * @param domain which set of rules or descriptors
 * @param descriptors one or more
 * @param leniency what becomes of denials
 * @param chargeOnDeny whether what is denied is counted too, where the domain's file says nothing
 * @param waitNanos how long an answer is of use to the caller, or {@link Charge#ANY_WAIT}
 * @param owner who asks
 */
public record DescriptorRequest(
    String domain,
    List<DescriptorHits> descriptors,
    Leniency leniency,
    boolean chargeOnDeny,
    long waitNanos,
    Request.Owner owner) {
  public DescriptorRequest {
    descriptors = List.copyOf(descriptors);
  }

  /** Of a caller who did not say how long it waits. */
  public DescriptorRequest(
      String domain, List<DescriptorHits> descriptors, Leniency leniency, boolean chargeOnDeny) {
    this(domain, descriptors, leniency, chargeOnDeny, Charge.ANY_WAIT, Request.Owner.NOBODY);
  }

  /**
   * One descriptor and its cost.
   *
   * @param hits -2^52 to 2^52; 0 charges nothing, and less than 0 gives back
   */
  public record DescriptorHits(Descriptor descriptor, long hits) {}

  /** What the service does with denials, whatever the limits say. */
  public enum Leniency {
    /** As each limit says. */
    NONE,
    /** Nothing is denied. */
    SHADOW,
    /** Every limit is a quota: only if all deny is the question denied. */
    QUOTA
  }
}
