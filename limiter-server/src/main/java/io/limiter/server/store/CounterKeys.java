package io.limiter.server.store;

import io.limiter.server.rules.Rule;
import java.util.List;
import java.util.Map;

/** Builds every Redis key. This is the only place where one is put together. */
public final class CounterKeys {
  private CounterKeys() {}

  /**
   * The key of the counter that {@code rule} keeps for these attributes.
   *
   * @param partition the domain's partition; its counters of one value share a slot
   * @param attributes must hold every attribute in the rule's key
   */
  public static String counter(
      String domain, List<String> partition, Rule rule, Map<String, String> attributes) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The key under which the first answer to a question is kept. */
  public static String idempotency(String domain, String idempotencyKey) {
    throw new UnsupportedOperationException("not built yet");
  }
}
