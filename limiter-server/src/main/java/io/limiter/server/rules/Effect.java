package io.limiter.server.rules;

/** What a rule, or an override of it, does to a request that it applies to. */
sealed interface Effect {

  /** The request counts against the rule. */
  record Counted(Rule rule) implements Effect {}

  /** The request passes as if the rule were not there. */
  record Exempt() implements Effect {}
}
