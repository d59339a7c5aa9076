package io.limiter.server.envoy;

import io.limiter.server.api.RateLimitHeaders;
import io.limiter.server.decide.DescriptorRequest;
import java.util.EnumSet;
import java.util.Set;

/**
 * How Envoy is answered.
 *
 * @param headers the headers that the proxy shall add to its own response
 * @param metadata whether there is dynamic metadata
 * @param leniency what becomes of denials, whatever the limits say
 * @param tooLarge what becomes of requests that pass a bound
 */
public record EnvoySettings(
    Set<RateLimitHeaders.Group> headers,
    boolean metadata,
    DescriptorRequest.Leniency leniency,
    TooLarge tooLarge) {

  /** All headers, metadata, and denials that count. */
  public static final EnvoySettings DEFAULTS =
      new EnvoySettings(
          EnumSet.allOf(RateLimitHeaders.Group.class), true, DescriptorRequest.Leniency.NONE);

  /** What is too large is denied. */
  public EnvoySettings(
      Set<RateLimitHeaders.Group> headers, boolean metadata, DescriptorRequest.Leniency leniency) {
    this(headers, metadata, leniency, TooLarge.DENY);
  }

  public EnvoySettings {
    headers = Set.copyOf(headers);
  }
}
