package io.limiter.server.api;

/**
 * What callers may ask of an instance.
 *
 * @param rulesOnOverload whether each rule's own answer goes out for what is refused as overload
 * @param requests how large a request may be, and the rules that it brings
 * @param inlineCounters how many counters such rules may have at a time, 0 or more
 */
public record CallerBounds(boolean rulesOnOverload, RequestLimits requests, int inlineCounters) {
  /** Unless told otherwise. */
  public static final CallerBounds DEFAULTS =
      new CallerBounds(/* rulesOnOverload= */ false, RequestLimits.DEFAULTS, 200_000);
}
