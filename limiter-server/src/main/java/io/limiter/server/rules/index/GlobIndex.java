package io.limiter.server.rules.index;

import io.limiter.server.rules.index.AttributePattern.Glob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** Those that are their middle between two runs, which has been found, so that they match. */
  private record Proved(List<Numbered> globs) implements Group {
    @Override
    public boolean any(String value, LongPredicate visitor) {
      for (Numbered one : globs) {
        if (visitor.test(one.number)) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * Those of different middles.
   *
   * @param others without a text in the middle
   */
  private record ByMiddle(ContainedTexts middles, List<Group> byMiddle, Group others)
      implements Group {
    @Override
    public boolean any(String value, LongPredicate visitor) {
      return others.any(value, visitor)
          || middles.any(value, middle -> byMiddle.get((int) middle).any(value, visitor));
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
    if (globs.size() <= SCANNED) {
      return new Scanned(globs);
    }
    Map<String, List<Numbered>> groups = grouped(globs, Glob::middle);
    List<Numbered> others = groups.remove("");
    return new ByMiddle(
        new ContainedTexts(numbered(groups)),
        groups.values().stream().map(GlobIndex::found).toList(),
        new Scanned(others == null ? List.of() : others));
  }

  /** Globs whose middle is found. Only one glob is nothing but that. */
  private static Group found(List<Numbered> globs) {
    return globs.size() == 1 && globs.get(0).glob.isMiddleAlone()
        ? new Proved(globs)
        : new Scanned(globs);
  }

  private static Map<String, List<Numbered>> grouped(
      List<Numbered> globs, Function<Glob, String> part) {
    Map<String, List<Numbered>> groups = new LinkedHashMap<>();
    for (Numbered one : globs) {
      groups.computeIfAbsent(part.apply(one.glob), none -> new ArrayList<>()).add(one);
    }
    return groups;
  }

  private static TextTable table(Map<String, List<Numbered>> groups) {
    return new TextTable(numbered(groups));
  }

  /** The texts, numbered in the order of the map. */
  private static Map<String, Long> numbered(Map<String, List<Numbered>> groups) {
    Map<String, Long> numbers = new HashMap<>();
    groups.keySet().forEach(text -> numbers.put(text, (long) numbers.size()));
    return numbers;
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
