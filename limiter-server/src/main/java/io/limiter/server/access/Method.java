package io.limiter.server.access;

import java.util.Locale;

/** What a caller may be allowed to do, as grants name it: one or more of the wire's methods. */
public enum Method {
  /** To ask questions that charge, in any form and protocol. */
  CHECK,
  /** To settle, release and extend what its own questions hold. */
  SETTLE,
  /** To give back what its own questions were charged. */
  REFUND,
  /** To forget counters. */
  RESET,
  /** To see which rules apply, and where every counter stands. */
  EXPLAIN,
  /** To tell what an upstream said of its own limit, which every caller is then held to. */
  OBSERVE,
  /** To bring rules of its own, in the place of the domain's. */
  INLINE_RULES,
  /** To read {@code /metrics}. */
  METRICS(/* inDomains= */ false),
  /** To read {@code /rules}. */
  RULES(/* inDomains= */ false);

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final boolean inDomains;

  Method() {
    this(/* inDomains= */ true);
  }

  Method(boolean inDomains) {
    this.inDomains = inDomains;
  }

  /** As files and messages have it, such as {@code inline-rules}. */
  public String word() {
    return word;
  }

  /** Whether it is allowed domain by domain. */
  public boolean inDomains() {
    return inDomains;
  }
}
