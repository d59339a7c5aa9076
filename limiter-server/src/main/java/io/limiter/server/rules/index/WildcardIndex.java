package io.limiter.server.rules.index;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Finds, among many wildcards, the first one in a given order that a text matches. A star stands
 * for any run of characters, also for none. Every other character stands for itself.
 *
 * <p>Immutable.
 */
public final class WildcardIndex {
  private final GlobIndex globs;

  /**
   * An index of these wildcards, each with at least one star.
   *
   * @param places the place of each in the order
   */
  public WildcardIndex(Map<String, Integer> places) {
    Map<AttributePattern.Glob, Long> numbers = new HashMap<>();
    places.forEach((text, place) -> numbers.merge(glob(text), (long) place, Math::min));
    globs = new GlobIndex(numbers);
  }

  /** Whether to match it takes a pass over the text; without one, only its ends are looked at. */
  public static boolean searches(String wildcard) {
    return AttributePattern.searches(glob(wildcard), /* unwanted= */ false);
  }

  /** Several stars in a row are one. */
  private static AttributePattern.Glob glob(String text) {
    return new AttributePattern.Glob(
        text.replaceAll("\\*+", "*")
            .chars()
            .map(c -> c == '*' ? AttributePattern.Glob.RUN : c)
            .toArray());
  }

  /**
   * The place of the first that {@code text} matches; {@code before} if none stands before that.
   */
  public int first(String text, int before) {
    if (globs.isEmpty()) {
      return before;
    }
    Least least = new Least(before);
    globs.any(text, least);
    return least.place;
  }

  /** Wants to see them all. */
  private static final class Least implements LongPredicate {
    private int place;

    Least(int place) {
      this.place = place;
    }

    @Override
    public boolean test(long seen) {
      place = (int) Math.min(place, seen);
      return false;
    }
  }
}
