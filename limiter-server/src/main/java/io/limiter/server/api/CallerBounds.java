package io.limiter.server.api;

/**
 * What callers may ask of an instance.
 *
 * @param onOverload what is answered to what this instance cannot take on
 * @param requests how large a request may be, and the rules that it brings
 * @param inlineCounters how many counters such rules may have at a time, 0 or more
 */
public record CallerBounds(OnOverload onOverload, RequestLimits requests, int inlineCounters) {
  /** What is answered to what this instance cannot take on. */
  public enum OnOverload {
    /** RESOURCE_EXHAUSTED: the caller goes by its own policy. */
    ERROR,
    /** What each rule answers while Redis is away. */
    RULE
  }

  /** Unless told otherwise. */
  public static final CallerBounds DEFAULTS =
      new CallerBounds(OnOverload.ERROR, RequestLimits.DEFAULTS, 200_000);

  /** Whether rules answer what this instance cannot take on. */
  public boolean rulesAnswerOverload() {
    return onOverload == OnOverload.RULE;
  }
}
