package io.limiter.server.envoy;

import io.limiter.server.decide.DescriptorRequest;
import java.util.EnumSet;
import java.util.Set;

/**
 * How Envoy is answered.
 *
 * @param headers which headers the proxy is told to add to its responses
 * @param metadata whether it gets dynamic metadata
 * @param leniency what becomes of denials, whatever the limits say
 */
public record EnvoySettings(
    Set<HeaderGroup> headers, boolean metadata, DescriptorRequest.Leniency leniency) {

  /** Everything, and denials count. */
  public static final EnvoySettings DEFAULTS =
      new EnvoySettings(EnumSet.allOf(HeaderGroup.class), true, DescriptorRequest.Leniency.NONE);

  public EnvoySettings {
    headers = Set.copyOf(headers);
  }

  /** Headers that come together. */
  public enum HeaderGroup {
    /** {@code RateLimit-Policy} and {@code RateLimit}. */
    RATELIMIT,
    /** {@code X-RateLimit-Limit}, {@code -Remaining} and {@code -Reset}. */
    X_RATELIMIT,
    /** {@code Retry-After}, when denied. */
    RETRY_AFTER
  }
}
