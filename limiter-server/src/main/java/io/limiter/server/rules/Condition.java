package io.limiter.server.rules;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one attribute of a request must be: one of the wanted patterns, if there are any, and none
 * of the unwanted. An absent attribute satisfies a condition that wants nothing. Immutable.
 */
final class Condition {
  private final String attribute;
  private final List<AttributePattern> wanted;
  private final List<AttributePattern> unwanted;
  private final PatternIndex<Boolean> wantedIndex;
  private final PatternIndex<Boolean> unwantedIndex;

  Condition(String attribute, Set<AttributePattern> wanted, Set<AttributePattern> unwanted) {
    this.attribute = attribute;
    this.wanted = List.copyOf(wanted);
    this.unwanted = List.copyOf(unwanted);
    this.wantedIndex = index(this.wanted);
    this.unwantedIndex = index(this.unwanted);
  }

  private static PatternIndex<Boolean> index(List<AttributePattern> patterns) {
    Map<AttributePattern, Boolean> all = new HashMap<>();
    patterns.forEach(pattern -> all.put(pattern, true));
    return new PatternIndex<>(all);
  }

  /** The condition that {@code attribute} is there, whatever its value. */
  static Condition present(String attribute) {
    return new Condition(attribute, Set.of(AttributePattern.ANY), Set.of());
  }

  /** This condition, and that the attribute is there. */
  Condition andPresent() {
    return wanted.isEmpty()
        ? new Condition(attribute, Set.of(AttributePattern.ANY), new LinkedHashSet<>(unwanted))
        : this;
  }

  String attribute() {
    return attribute;
  }

  /** The patterns of which a value matches one; empty when it need match none. */
  List<AttributePattern> wanted() {
    return wanted;
  }

  /** The patterns of which a value must match none. */
  List<AttributePattern> unwanted() {
    return unwanted;
  }

  /** Whether a value that matches one of the wanted patterns is all that it asks for. */
  boolean isProvedByItsPattern() {
    return !wanted.isEmpty() && unwanted.isEmpty();
  }

  /** Whether the attribute's value, null when it is absent, is as it must be. */
  boolean matches(@Nullable String value) {
    if (value == null) {
      return wanted.isEmpty();
    }
    return (wanted.isEmpty() || wantedIndex.any(value, found -> found))
        && !unwantedIndex.any(value, found -> found);
  }
}
