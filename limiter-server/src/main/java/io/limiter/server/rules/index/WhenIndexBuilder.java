package io.limiter.server.rules.index;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds the nodes of a {@link WhenIndex}, from the root down. */
final class WhenIndexBuilder {
  /** So few entries are scanned. */
  private static final int SCANNED = 4;

  /** The most levels of nodes, so that the index cannot outgrow its entries. */
  private static final int DEEPEST = 4;

  /** Below the root, a condition of more patterns is not filed under: each is a copy. */
  private static final int MOST_COPIES = 16;

  private final List<WhenNode> nodes = new ArrayList<>();
  private final Map<List<Condition>, Integer> residualNumbers = new HashMap<>();
  private final List<Condition[]> residuals = new ArrayList<>();

  /** Builds the nodes for entries with these conditions; an entry is its index in the list. */
  WhenIndexBuilder(List<When> entries) {
    residual(List.of());
    List<Pending> all = new ArrayList<>(entries.size());
    for (When when : entries) {
      all.add(new Pending(all.size(), when.conditions()));
    }
    node(all, Set.of());
  }

  /** The nodes by number; the root is the last. */
  WhenNode[] nodes() {
    return nodes.toArray(new WhenNode[0]);
  }

  /** The residual conditions of entries, by number. */
  Condition[][] residuals() {
    return residuals.toArray(new Condition[0][]);
  }

  /**
   * An entry to be filed.
   *
   * @param conditions what the way so far has not proved
   */
  private record Pending(int entry, List<Condition> conditions) {
    Pending beyond(Condition proved) {
      return proved.isProvedByItsPattern()
          ? new Pending(entry, conditions.stream().filter(one -> !one.equals(proved)).toList())
          : this;
    }
  }

  private long pointer(List<Pending> entries, Set<String> used) {
    return entries.size() == 1 ? pointer(entries.get(0)) : Pointer.toNode(node(entries, used));
  }

  private long pointer(Pending entry) {
    return Pointer.toEntry(entry.entry, residual(entry.conditions));
  }

  /** The number of these residual conditions; those of equal entries are there once. */
  private int residual(List<Condition> conditions) {
    Integer known = residualNumbers.get(conditions);
    if (known != null) {
      return known;
    }
    int number = residuals.size();
    residualNumbers.put(conditions, number);
    residuals.add(conditions.toArray(new Condition[0]));
    return number;
  }

  private int node(List<Pending> entries, Set<String> used) {
    List<Pending> always = new ArrayList<>();
    Map<String, PatternIndex> branches = new HashMap<>();
    if (entries.size() <= SCANNED || used.size() == DEEPEST) {
      always.addAll(entries);
    } else {
      file(entries, used, always)
          .forEach(
              (attribute, patterns) -> branches.put(attribute, branch(attribute, patterns, used)));
    }
    nodes.add(new WhenNode(always.stream().mapToLong(this::pointer).toArray(), branches));
    return nodes.size() - 1;
  }

  /** The entries by attribute and pattern; the others go to {@code always}. */
  private static Map<String, Map<AttributePattern, List<Pending>>> file(
      List<Pending> entries, Set<String> used, List<Pending> always) {
    Map<String, Map<AttributePattern, Integer>> frequencies = frequencies(entries, used);
    Map<String, Map<AttributePattern, List<Pending>>> filed = new HashMap<>();
    for (Pending entry : entries) {
      Condition condition = mostSelective(entry, frequencies, used);
      if (condition == null) {
        always.add(entry);
        continue;
      }
      Pending beyond = entry.beyond(condition);
      var patterns = filed.computeIfAbsent(condition.attribute(), attribute -> new HashMap<>());
      for (AttributePattern pattern : condition.wanted()) {
        patterns.computeIfAbsent(pattern, none -> new ArrayList<>()).add(beyond);
      }
    }
    return filed;
  }

  private PatternIndex branch(
      String attribute, Map<AttributePattern, List<Pending>> patterns, Set<String> used) {
    Set<String> usedBelow = new HashSet<>(used);
    usedBelow.add(attribute);
    Map<AttributePattern, Long> pointers = new HashMap<>();
    patterns.forEach((pattern, entries) -> pointers.put(pattern, pointer(entries, usedBelow)));
    return new PatternIndex(pointers);
  }

  /** How many entries could be filed under each pattern. */
  private static Map<String, Map<AttributePattern, Integer>> frequencies(
      List<Pending> entries, Set<String> used) {
    Map<String, Map<AttributePattern, Integer>> frequencies = new HashMap<>();
    for (Pending entry : entries) {
      for (Condition condition : entry.conditions) {
        if (canFile(condition, used)) {
          var patterns =
              frequencies.computeIfAbsent(condition.attribute(), name -> new HashMap<>());
          condition.wanted().forEach(pattern -> patterns.merge(pattern, 1, Integer::sum));
        }
      }
    }
    return frequencies;
  }

  /** The condition whose most frequent pattern is the rarest. */
  private static @Nullable Condition mostSelective(
      Pending entry, Map<String, Map<AttributePattern, Integer>> frequencies, Set<String> used) {
    Condition best = null;
    int least = Integer.MAX_VALUE;
    for (Condition condition : entry.conditions) {
      if (canFile(condition, used)) {
        var patterns = frequencies.getOrDefault(condition.attribute(), Map.of());
        int frequency = 0;
        for (AttributePattern pattern : condition.wanted()) {
          frequency = Math.max(frequency, patterns.getOrDefault(pattern, 0));
        }
        if (frequency < least) {
          best = condition;
          least = frequency;
        }
      }
    }
    return best;
  }

  private static boolean canFile(Condition condition, Set<String> used) {
    return !condition.wanted().isEmpty()
        && !used.contains(condition.attribute())
        && (used.isEmpty() || condition.wanted().size() <= MOST_COPIES);
  }
}
