package io.limiter.server.rules.profile;

import io.limiter.server.header.HeaderChoice;
import io.limiter.server.header.HeaderNames;

/**
 * What a gateway is answered.
 *
 * @param onDenial the statuses of denials
 * @param onNoDecision what is answered when there is no decision
 * @param headers which headers say where the caller stands
 * @param whenAdmitted whether they are there for what is admitted, too
 */
public record Telling(
    OnDenial onDenial, OnNoDecision onNoDecision, HeaderChoice headers, boolean whenAdmitted) {
  /** The headers of most gateways. */
  public static final HeaderChoice DEFAULT_HEADERS =
      HeaderChoice.inSeconds(HeaderChoice.DEFAULT_GROUPS, HeaderNames.DEFAULTS);
}
