package io.limiter.server.rules.index;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files the entries of a {@link WhenIndex} when it is made. */
final class WhenFiling {
  /** So few entries are looked at one after another. */
  private static final int SCANNED = 4;

  /**
   * At most so many conditions tell entries apart, so that the index cannot outgrow its entries.
   */
  private static final int DEEPEST = 4;

  /** Below the first level, a condition that wants more patterns than this is not filed under. */
  private static final int MOST_COPIES = 16;

  private final List<WhenNode> nodes = new ArrayList<>();
  private final Map<List<Condition>, Integer> wants = new HashMap<>();
  private final List<Condition[]> wanted = new ArrayList<>();

  /** Files entries with these conditions, each under its place in the list. */
  WhenFiling(List<When> entries) {
    wantsNumber(List.of());
    List<Open> all = new ArrayList<>(entries.size());
    for (When when : entries) {
      all.add(new Open(all.size(), when.conditions()));
    }
    node(all, Set.of());
  }

  /** The nodes by number; the root is the last. */
  WhenNode[] nodes() {
    return nodes.toArray(new WhenNode[0]);
  }

  /** The conditions that entries want beyond what their way proves, by number. */
  Condition[][] wants() {
    return wanted.toArray(new Condition[0][]);
  }

  /**
   * An entry on its way.
   *
   * @param conditions what is not proved so far
   */
  private record Open(int place, List<Condition> conditions) {
    Open beyond(Condition proved) {
      return proved.isProvedByItsPattern()
          ? new Open(place, conditions.stream().filter(one -> !one.equals(proved)).toList())
          : this;
    }
  }

  private long target(List<Open> entries, Set<String> used) {
    return entries.size() == 1 ? entry(entries.get(0)) : Target.node(node(entries, used));
  }

  private long entry(Open entry) {
    return Target.entry(entry.place, wantsNumber(entry.conditions));
  }

  private int wantsNumber(List<Condition> open) {
    Integer known = wants.get(open);
    if (known != null) {
      return known;
    }
    int number = wanted.size();
    wants.put(open, number);
    wanted.add(open.toArray(new Condition[0]));
    return number;
  }

  private int node(List<Open> entries, Set<String> used) {
    List<Open> here = new ArrayList<>();
    Map<String, PatternIndex> branches = new HashMap<>();
    if (entries.size() <= SCANNED || used.size() == DEEPEST) {
      here.addAll(entries);
    } else {
      file(entries, used, here)
          .forEach(
              (attribute, patterns) -> branches.put(attribute, branch(attribute, patterns, used)));
    }
    nodes.add(new WhenNode(here.stream().mapToLong(this::entry).toArray(), branches));
    return nodes.size() - 1;
  }

  /** The entries by attribute and pattern; those that want nothing go {@code here}. */
  private static Map<String, Map<AttributePattern, List<Open>>> file(
      List<Open> entries, Set<String> used, List<Open> here) {
    Map<String, Map<AttributePattern, Integer>> crowds = crowds(entries, used);
    Map<String, Map<AttributePattern, List<Open>>> filed = new HashMap<>();
    for (Open entry : entries) {
      Condition condition = leastCrowded(entry, crowds, used);
      if (condition == null) {
        here.add(entry);
        continue;
      }
      Open beyond = entry.beyond(condition);
      var patterns = filed.computeIfAbsent(condition.attribute(), attribute -> new HashMap<>());
      for (AttributePattern pattern : condition.wanted()) {
        patterns.computeIfAbsent(pattern, none -> new ArrayList<>()).add(beyond);
      }
    }
    return filed;
  }

  private PatternIndex branch(
      String attribute, Map<AttributePattern, List<Open>> patterns, Set<String> used) {
    Set<String> usedBelow = new HashSet<>(used);
    usedBelow.add(attribute);
    Map<AttributePattern, Long> targets = new HashMap<>();
    patterns.forEach((pattern, entries) -> targets.put(pattern, target(entries, usedBelow)));
    return new PatternIndex(targets);
  }

  private static Map<String, Map<AttributePattern, Integer>> crowds(
      List<Open> entries, Set<String> used) {
    Map<String, Map<AttributePattern, Integer>> crowds = new HashMap<>();
    for (Open entry : entries) {
      for (Condition condition : entry.conditions) {
        if (canFile(condition, used)) {
          var patterns = crowds.computeIfAbsent(condition.attribute(), name -> new HashMap<>());
          condition.wanted().forEach(pattern -> patterns.merge(pattern, 1, Integer::sum));
        }
      }
    }
    return crowds;
  }

  private static @Nullable Condition leastCrowded(
      Open entry, Map<String, Map<AttributePattern, Integer>> crowds, Set<String> used) {
    Condition best = null;
    int least = Integer.MAX_VALUE;
    for (Condition condition : entry.conditions) {
      if (canFile(condition, used)) {
        var patterns = crowds.getOrDefault(condition.attribute(), Map.of());
        int crowd = 0;
        for (AttributePattern pattern : condition.wanted()) {
          crowd = Math.max(crowd, patterns.getOrDefault(pattern, 0));
        }
        if (crowd < least) {
          best = condition;
          least = crowd;
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
