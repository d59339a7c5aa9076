package io.limiter.server.rules.index;

import io.limiter.server.key.SeededHash;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one attribute of a request. Its value must match one of the wanted patterns, if
 * there are any, and none of the unwanted. An absent attribute meets a condition without wanted
 * patterns. Immutable; equal when written alike.
 */
public final class Condition {
  private final String attribute;
  private final List<AttributePattern> wanted;
  private final List<AttributePattern> unwanted;
  private final int hash;
  private final Predicate<String> isWanted;
  private final Predicate<String> isUnwanted;

  public Condition(String attribute, Set<AttributePattern> wanted, Set<AttributePattern> unwanted) {
    this.attribute = attribute;
    this.wanted = List.copyOf(wanted);
    this.unwanted = List.copyOf(unwanted);
    this.hash = Objects.hash(SeededHash.of(attribute), this.wanted, this.unwanted);
    this.isWanted = this.wanted.isEmpty() ? value -> true : oneOf(this.wanted);
    this.isUnwanted = oneOf(this.unwanted);
  }

  private static Predicate<String> oneOf(List<AttributePattern> patterns) {
    if (patterns.isEmpty()) {
      return value -> false;
    }
    if (patterns.contains(AttributePattern.ANY)) {
      return value -> true;
    }
    if (patterns.size() == 1) {
      return patterns.get(0)::matches;
    }
    Map<AttributePattern, Long> numbers = new HashMap<>();
    patterns.forEach(pattern -> numbers.put(pattern, 0L));
    PatternIndex index = new PatternIndex(numbers);
    return value -> index.any(value, number -> true);
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

  public String attribute() {
    return attribute;
  }

  /** The patterns of which a value matches one; empty when it need match none. */
  public List<AttributePattern> wanted() {
    return wanted;
  }

  /** The patterns of which a value must match none. */
  public List<AttributePattern> unwanted() {
    return unwanted;
  }

  /** Whether a value that matches one of the wanted patterns is all that it asks for. */
  boolean isProvedByItsPattern() {
    return !wanted.isEmpty() && unwanted.isEmpty();
  }

  /** Whether the attribute's value, null when it is absent, is as it must be. */
  public boolean matches(@Nullable String value) {
    if (value == null) {
      return wanted.isEmpty();
    }
    return isWanted.test(value) && !isUnwanted.test(value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Condition condition
            && hash == condition.hash
            && attribute.equals(condition.attribute)
            && wanted.equals(condition.wanted)
            && unwanted.equals(condition.unwanted));
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
