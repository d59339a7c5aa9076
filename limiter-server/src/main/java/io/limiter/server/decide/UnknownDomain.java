package io.limiter.server.decide;

import io.limiter.server.store.Source;
import java.util.List;

/** How a question is answered whose domain has no rules: most often its name is misspelt. */
public enum UnknownDomain {
  /** It is admitted. The answer's source says why. */
  ALLOW,
  /** It is denied, and never admitted as long as the domain has no rules. */
  DENY,
  /** It is refused as a mistake of the caller. */
  ERROR;

  private static final Verdict ADMITTED = verdict(true);
  private static final Verdict DENIED = verdict(false);

  private static Verdict verdict(boolean allowed) {
    return new Verdict(allowed, List.of(), Source.UNKNOWN_DOMAIN, /* receipt= */ null);
  }

  /**
   * The verdict on a question of that domain.
   *
   * @throws DecisionException under {@link #ERROR}
   */
  Verdict verdict(String domain) {
    return switch (this) {
      case ALLOW -> ADMITTED;
      case DENY -> DENIED;
      case ERROR ->
          throw DecisionException.invalid(
              "domain",
              "domain %s has no rules here; check its spelling, or add its rules"
                  .formatted(domain));
    };
  }
}
