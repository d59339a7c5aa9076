package io.limiter.server.rules;

import org.jspecify.annotations.Nullable;

/** What a rule, or an override of it, does to a request that it applies to. */
sealed interface Effect {

  /**
   * The request counts against the rule.
   *
   * @param candidate other numbers that are tried out beside it; null for none
   */
  record Counted(Rule rule, @Nullable Rule candidate) implements Effect {}

  /** The request passes as if the rule were not there. */
  enum Exempt implements Effect {
    /** It says {@code mode: off}. */
    OFF,
    /** It says {@code unlimited: true}. */
    UNLIMITED
  }
}
