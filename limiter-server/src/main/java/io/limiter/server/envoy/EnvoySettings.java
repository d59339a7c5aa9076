package io.limiter.server.envoy;

import io.limiter.server.api.RateLimitHeaders;
import io.limiter.server.decide.DescriptorRequest;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a response to Envoy carries.
 *
 * @param headers the headers that the proxy shall add to its own response
 * @param metadata whether there is dynamic metadata
 * @param leniency what becomes of denials, whatever the limits say
 */
public record EnvoySettings(
    Set<RateLimitHeaders.Group> headers, boolean metadata, DescriptorRequest.Leniency leniency) {

  /** All headers, metadata, and denials that count. */
  public static final EnvoySettings DEFAULTS =
      new EnvoySettings(
          EnumSet.allOf(RateLimitHeaders.Group.class), true, DescriptorRequest.Leniency.NONE);

  public EnvoySettings {
    headers = Set.copyOf(headers);
  }
}
