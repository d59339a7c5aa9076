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
 * Finds, among many globs, those that one value matches: by their prefix, then by their suffix,
 * then by the longest text between their wildcards. Only globs that are alike in all three are
 * scanned.
 *
 * <p>Immutable.
 */
final class GlobIndex {
  /** So few globs are scanned. */
  private static final int SCANNED = 4;

  private final TextTable starts;
  private final List<Group> byStart;

  /** Globs that are alike so far. */
  private sealed interface Group {
    boolean any(String value, LongPredicate visitor);
  }

  private record Numbered(Glob glob, long number) {}

  private record Scanned(List<Numbered> globs) implements Group {
    @Override
    public boolean any(String value, LongPredicate visitor) {
      for (Numbered one : globs) {
        if (one.glob.matches(value) && visitor.test(one.number)) {
          return true;
        }
      }
      return false;
    }
  }

  private record BySuffix(TextTable ends, List<Group> byEnd) implements Group {
    @Override
    public boolean any(String value, LongPredicate visitor) {
      return ends.anyEnd(value, end -> byEnd.get((int) end).any(value, visitor));
    }
  }

  private record ByMiddle(TextTable middles, List<Group> byMiddle) implements Group {
    @Override
    public boolean any(String value, LongPredicate visitor) {
      Set<Long> seen = new HashSet<>();
      return middles.anyWithin(
          value, middle -> seen.add(middle) && byMiddle.get((int) middle).any(value, visitor));
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

  private static Group byEnd(List<Numbered> globs) {
    Map<String, List<Numbered>> groups = grouped(globs, Glob::suffix);
    return globs.size() <= SCANNED
        ? new Scanned(globs)
        : new BySuffix(table(groups), groups.values().stream().map(GlobIndex::byMiddle).toList());
  }

  private static Group byMiddle(List<Numbered> globs) {
    Map<String, List<Numbered>> groups = grouped(globs, Glob::middle);
    return globs.size() <= SCANNED
        ? new Scanned(globs)
        : new ByMiddle(table(groups), groups.values().stream().<Group>map(Scanned::new).toList());
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
   * Shows {@code visitor} the number of every glob that {@code value} matches, some more than once,
   * until it says yes.
   *
   * @return whether it did
   */
  boolean any(String value, LongPredicate visitor) {
    return starts.anyStart(value, start -> byStart.get((int) start).any(value, visitor));
  }
}
