package io.limiter.server.rules;

import java.util.Optional;

/** The rules of all domains at one moment. Immutable; safe to share between threads. */
public interface Rules {

  /** The domain of that name; {@link Domain.Unknown} if nobody wrote rules for it. */
  Domain domain(String name);

  /**
   * The known domain that somebody who wrote {@code name} may have meant. Looks at all domains: for
   * people, not for every question.
   */
  Optional<String> nearest(String name);

  /** The hash of the files that they were read from; empty when they were not read from files. */
  String hash();
}
