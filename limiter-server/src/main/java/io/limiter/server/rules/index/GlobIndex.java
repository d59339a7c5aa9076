package io.limiter.server.rules.index;

import io.limiter.server.rules.index.AttributePattern.Glob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongPredicate;

/**
 * Finds, among many globs, those that one value matches: by what they begin with, then by what they
 * end with, then by the longest text between their wildcards. Only globs that are alike in all
 * three are tried one after another.
 *
 * <p>Immutable.
 */
final class GlobIndex {
  /** So few globs are tried one after another in any case. */
  private static final int SCANNED = 4;

  private final TextTable starts;
  private final List<Some> byStart;

  /** Some of the globs, told apart further or not. */
  private sealed interface Some {
    boolean any(String value, LongPredicate wanted);
  }

  private record Numbered(Glob glob, long number) {}

  private record Tried(List<Numbered> globs) implements Some {
    @Override
    public boolean any(String value, LongPredicate wanted) {
      for (Numbered one : globs) {
        if (one.glob.matches(value) && wanted.test(one.number)) {
          return true;
        }
      }
      return false;
    }
  }

  private record Ended(TextTable ends, List<Some> byEnd) implements Some {
    @Override
    public boolean any(String value, LongPredicate wanted) {
      return ends.anyEnd(value, end -> byEnd.get((int) end).any(value, wanted));
    }
  }

  private record Containing(TextTable middles, List<Some> byMiddle) implements Some {
    @Override
    public boolean any(String value, LongPredicate wanted) {
      Set<Long> seen = new HashSet<>();
      return middles.anyWithin(
          value, middle -> seen.add(middle) && byMiddle.get((int) middle).any(value, wanted));
    }
  }

  /** An index of these globs, each with a number to know it by. */
  GlobIndex(Map<Glob, Long> numbers) {
    List<Numbered> globs = new ArrayList<>();
    numbers.forEach((glob, number) -> globs.add(new Numbered(glob, number)));
    Map<String, List<Numbered>> groups = grouped(globs, Glob::prefix);
    starts = table(groups);
    byStart = groups.values().stream().map(GlobIndex::byEnd).toList();
  }

  private static Some byEnd(List<Numbered> globs) {
    Map<String, List<Numbered>> groups = grouped(globs, Glob::suffix);
    return globs.size() <= SCANNED
        ? new Tried(globs)
        : new Ended(table(groups), groups.values().stream().map(GlobIndex::byMiddle).toList());
  }

  private static Some byMiddle(List<Numbered> globs) {
    Map<String, List<Numbered>> groups = grouped(globs, Glob::middle);
    return globs.size() <= SCANNED
        ? new Tried(globs)
        : new Containing(table(groups), groups.values().stream().<Some>map(Tried::new).toList());
  }

  private static Map<String, List<Numbered>> grouped(
      List<Numbered> globs, Function<Glob, String> part) {
    Map<String, List<Numbered>> groups = new LinkedHashMap<>();
    for (Numbered one : globs) {
      groups.computeIfAbsent(part.apply(one.glob), none -> new ArrayList<>()).add(one);
    }
    return groups;
  }

  /** The texts, numbered in the order of the map. */
  private static TextTable table(Map<String, List<Numbered>> groups) {
    Map<String, Long> numbers = new HashMap<>();
    groups.keySet().forEach(text -> numbers.put(text, (long) numbers.size()));
    return new TextTable(numbers);
  }

  boolean isEmpty() {
    return starts.isEmpty();
  }

  /**
   * Shows {@code wanted} the number of every glob that {@code value} matches, some more than once,
   * until it says yes.
   *
   * @return whether it did
   */
  boolean any(String value, LongPredicate wanted) {
    return starts.anyStart(value, start -> byStart.get((int) start).any(value, wanted));
  }
}
