package io.limiter.server.envoy;

import io.limiter.server.decide.DescriptorRequest;
import io.limiter.server.header.HeaderChoice;
import io.limiter.server.header.HeaderGroup;
import io.limiter.server.header.HeaderNames;
import java.util.Set;

/**
 * How Envoy is answered.
 *
 * @param headers the headers that the proxy shall add to its own response
 * @param names how those of {@code RATELIMIT_LIMIT} are called
 * @param metadata whether there is dynamic metadata
 * @param leniency what becomes of denials, whatever the limits say
 * @param chargeOnDeny whether what is denied is counted too, where the domain's file says nothing
 * @param tooLarge what becomes of requests that pass a bound
 */
public record EnvoySettings(
    Set<HeaderGroup> headers,
    HeaderNames names,
    boolean metadata,
    DescriptorRequest.Leniency leniency,
    boolean chargeOnDeny,
    TooLarge tooLarge) {

  /** The headers of today's drafts, metadata, and denials that count and charge nothing. */
  public static final EnvoySettings DEFAULTS =
      new EnvoySettings(
          HeaderChoice.DEFAULT_GROUPS,
          HeaderNames.DEFAULTS,
          /* metadata= */ true,
          DescriptorRequest.Leniency.NONE,
          /* chargeOnDeny= */ false,
          TooLarge.DENY);

  public EnvoySettings {
    headers = Set.copyOf(headers);
  }

  /** The headers as they are chosen. */
  HeaderChoice choice() {
    return HeaderChoice.inSeconds(headers, names);
  }

  /** The same, with these headers. */
  public EnvoySettings withHeaders(Set<HeaderGroup> others) {
    return new EnvoySettings(others, names, metadata, leniency, chargeOnDeny, tooLarge);
  }

  /** The same, with or without metadata. */
  public EnvoySettings withMetadata(boolean other) {
    return new EnvoySettings(headers, names, other, leniency, chargeOnDeny, tooLarge);
  }

  /** The same, with this leniency. */
  public EnvoySettings withLeniency(DescriptorRequest.Leniency other) {
    return new EnvoySettings(headers, names, metadata, other, chargeOnDeny, tooLarge);
  }

  /** The same, with this default for files that do not say. */
  public EnvoySettings withChargeOnDeny(boolean other) {
    return new EnvoySettings(headers, names, metadata, leniency, other, tooLarge);
  }

  /** The same, with this answer to what is too large. */
  public EnvoySettings withTooLarge(TooLarge other) {
    return new EnvoySettings(headers, names, metadata, leniency, chargeOnDeny, other);
  }
}
