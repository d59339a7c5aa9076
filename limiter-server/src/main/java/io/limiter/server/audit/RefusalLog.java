package io.limiter.server.audit;

import io.limiter.server.access.AccessException;
import io.limiter.server.access.AccessListener;
import io.limiter.server.rules.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an operator, in the service's log, whom access is refused and what to do. How many such
 * lines there are is bounded for every logger. Safe to use from any thread.
 */
public final class RefusalLog implements AccessListener {
  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

  @Override
  public void refused(Refusal refusal) {
    String host = refusal.origin().host().isEmpty() ? "a Unix socket" : refusal.origin().host();
    if (refusal.kind() == AccessException.Kind.TOO_MUCH) {
      log.warn("Refused {} from {}: {}", who(refusal), host, refusal.why());
    } else if (refusal.kind() == AccessException.Kind.NOT_PERMITTED) {
      log.warn(
          "Refused {} from {} to {}{}; if it may, add a grant to the file of access",
          who(refusal),
          host,
          refusal.method(),
          domain(refusal));
    } else {
      log.warn(
          "Refused somebody from {}, who shows {}{}; if it is one of yours, compare that with the file of access",
          host,
          shown(refusal.by()),
          refusal.method().isEmpty() ? "" : ", to " + refusal.method() + domain(refusal));
    }
  }

  private static String shown(String by) {
    return by.equals("none") ? "nothing" : "a " + by + " by which nobody is known";
  }

  private static String who(Refusal refusal) {
    return refusal.caller().isEmpty() ? "somebody" : "caller " + refusal.caller();
  }

  private static String domain(Refusal refusal) {
    return refusal.domain().isEmpty() ? "" : " in domain " + Quoted.text(refusal.domain());
  }
}
