package io.limiter.server.rules.profile;

import io.limiter.server.rules.DenialKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The statuses of denials, each 400 to 599.
 *
 * @param statuses what the caller is to see, by the kind of the limit; 429 for what is not there
 * @param forGateway what the gateway gets in the place of these, if it passes on no other
 */
public record OnDenial(Map<DenialKind, Integer> statuses, OptionalInt forGateway) {
  public static final int TOO_MANY_REQUESTS = 429;
  public static final OnDenial DEFAULT = new OnDenial(Map.of(), OptionalInt.empty());

  public OnDenial {
    Map<DenialKind, Integer> all = new EnumMap<>(DenialKind.class);
    for (DenialKind kind : DenialKind.values()) {
      all.put(kind, statuses.getOrDefault(kind, TOO_MANY_REQUESTS));
    }
    statuses = Map.copyOf(all);
  }

  /** What the caller is to see. */
  public int status(DenialKind kind) {
    return statuses.getOrDefault(kind, TOO_MANY_REQUESTS);
  }
}
