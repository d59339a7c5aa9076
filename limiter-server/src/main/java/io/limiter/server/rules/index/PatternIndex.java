package io.limiter.server.rules.index;

import io.limiter.server.rules.index.AttributePattern.Exact;
import io.limiter.server.rules.index.AttributePattern.Glob;
import io.limiter.server.rules.index.AttributePattern.Network;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Finds, among many patterns, those that one attribute value matches. Exact values are hashed;
 * networks are found by their bits; for globs see {@link GlobIndex}.
 *
 * <p>Immutable.
 */
final class PatternIndex {
  private final TextTable exact;
  private final TextTable networks;
  private final GlobIndex globs;
  private final boolean onlyExact;

  /** An index of these patterns, each with a number to know it by. */
  PatternIndex(Map<AttributePattern, Long> numbers) {
    Map<String, Long> values = new HashMap<>();
    Map<String, Long> bits = new HashMap<>();
    Map<Glob, Long> wild = new HashMap<>();
    numbers.forEach(
        (pattern, number) -> {
          if (pattern instanceof Exact one) {
            values.put(one.value(), number);
          } else if (pattern instanceof Network network) {
            bits.put(network.bits(), number);
          } else if (pattern instanceof Glob glob) {
            wild.put(glob, number);
          }
        });
    exact = new TextTable(values);
    networks = new TextTable(bits);
    globs = new GlobIndex(wild);
    onlyExact = networks.isEmpty() && globs.isEmpty();
  }

  /**
   * Shows {@code visitor} the number of every pattern that {@code value} matches, some more than
   * once, until it says yes.
   *
   * @return whether it did
   */
  boolean any(String value, LongPredicate visitor) {
    return exact.any(value, visitor) || (!onlyExact && anyOther(value, visitor));
  }

  private boolean anyOther(String value, LongPredicate visitor) {
    if (!networks.isEmpty()) {
      String bits = AddressBits.of(value);
      if (bits != null && networks.anyStart(bits, visitor)) {
        return true;
      }
    }
    return globs.any(value, visitor);
  }
}
