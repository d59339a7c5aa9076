package io.limiter.server.store.redis.cluster;

import io.limiter.server.store.endpoint.HostPort;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a call is to go instead, as a member of a Cluster says. It has run nothing of the call.
 * Source: "Redis cluster specification", redirection.
 *
 * @param kind what is asked of the caller
 * @param slot of the call's keys; -1 with {@link Kind#TRY_AGAIN}, which does not say
 * @param at the other member; a host that is empty is that of the member that says so
 */
public record Redirect(Kind kind, int slot, HostPort at) {
  /** What is asked of the caller. */
  public enum Kind {
    /** The slot is elsewhere from now on. */
    MOVED,
    /** This call alone is to go elsewhere: the slot is on its way there. */
    ASK,
    /** Some of the keys are here and some are there. */
    TRY_AGAIN
  }

  private static final Pattern ELSEWHERE =
      Pattern.compile("(MOVED|ASK) (\\d{1,5}) (.*):(\\d{1,5})");

  /** What an error says, if it is a redirection. */
  public static Optional<Redirect> of(String error) {
    if (error.startsWith("TRYAGAIN")) {
      return Optional.of(new Redirect(Kind.TRY_AGAIN, -1, new HostPort("", 0)));
    }
    Matcher elsewhere = ELSEWHERE.matcher(error);
    return elsewhere.matches()
        ? Optional.of(
            new Redirect(
                elsewhere.group(1).equals("ASK") ? Kind.ASK : Kind.MOVED,
                Integer.parseInt(elsewhere.group(2)),
                new HostPort(elsewhere.group(3), Integer.parseInt(elsewhere.group(4)))))
        : Optional.empty();
  }
}
