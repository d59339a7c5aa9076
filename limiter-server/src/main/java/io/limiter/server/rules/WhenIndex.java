package io.limiter.server.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among many entries with conditions, those that apply to a request, without looking at the
 * others.
 *
 * <p>Every entry is filed under the one condition that it shares with the fewest others, once for
 * each pattern that the condition wants. Where many entries are still filed alike, they are told
 * apart by their remaining conditions in the same way. Entries that want nothing of any attribute
 * are looked at for every request; they apply to nearly all.
 *
 * <p>Immutable; safe to share between threads.
 */
final class WhenIndex<E> {
  /** So few entries are looked at one after another. */
  private static final int SCANNED = 4;

  /**
   * At most so many conditions tell entries apart, so that the index cannot outgrow its entries.
   */
  private static final int DEEPEST = 4;

  /** Below the first level, a condition that wants more patterns than this is not filed under. */
  private static final int MOST_COPIES = 16;

  private final Node<E> root;

  WhenIndex(List<Entry<E>> entries) {
    root = node(entries, Set.of(), new Rest());
  }

  /**
   * What is to be found.
   *
   * @param ordinal its place among the entries; unique
   * @param when what is still to be checked of a request that finds it
   */
  record Entry<E>(int ordinal, When when, E value) {
    boolean matches(Map<String, String> attributes) {
      return when.matches(attributes);
    }
  }

  /**
   * What is left to be checked once a condition is known to hold. Entries that have the same left
   * share it, so that a match touches less memory that no other match does.
   */
  private static final class Rest {
    private final Map<List<Condition>, When> known = new HashMap<>();

    <E> Entry<E> of(Entry<E> entry, Condition proved) {
      if (!proved.isProvedByItsPattern()) {
        return entry;
      }
      List<Condition> left = entry.when.conditions().stream().filter(one -> one != proved).toList();
      return new Entry<>(entry.ordinal, known.computeIfAbsent(left, When::new), entry.value);
    }
  }

  private record Node<E>(List<Entry<E>> entries, Map<String, PatternIndex<Node<E>>> branches) {
    void collect(Map<String, String> attributes, List<Entry<E>> found) {
      found.addAll(entries);
      if (branches.size() < attributes.size()) {
        branches.forEach((attribute, branch) -> follow(attribute, branch, attributes, found));
      } else if (!branches.isEmpty()) {
        attributes
            .keySet()
            .forEach(attribute -> follow(attribute, branches.get(attribute), attributes, found));
      }
    }

    private void follow(
        String attribute,
        @Nullable PatternIndex<Node<E>> branch,
        Map<String, String> attributes,
        List<Entry<E>> found) {
      String value = attributes.get(attribute);
      if (branch != null && value != null) {
        branch.any(
            value,
            node -> {
              node.collect(attributes, found);
              return false;
            });
      }
    }
  }

  boolean isEmpty() {
    return root.entries.isEmpty() && root.branches.isEmpty();
  }

  /** All entries that may apply, in order: a few more than do, and never one too few. */
  List<Entry<E>> candidates(Map<String, String> attributes) {
    if (root.branches.isEmpty()) {
      return root.entries;
    }
    List<Entry<E>> found = new ArrayList<>();
    root.collect(attributes, found);
    if (found.size() < 2) {
      return found;
    }
    found.sort(Comparator.comparingInt(Entry::ordinal));
    List<Entry<E>> distinct = new ArrayList<>(found.size());
    int last = -1;
    for (Entry<E> entry : found) {
      if (entry.ordinal != last) {
        distinct.add(entry);
        last = entry.ordinal;
      }
    }
    return distinct;
  }

  /** The first entry that applies, or null. */
  @Nullable E first(Map<String, String> attributes) {
    for (Entry<E> entry : candidates(attributes)) {
      if (entry.when.matches(attributes)) {
        return entry.value;
      }
    }
    return null;
  }

  /** All entries that apply, in order. */
  List<E> all(Map<String, String> attributes) {
    List<E> found = new ArrayList<>();
    for (Entry<E> entry : candidates(attributes)) {
      if (entry.when.matches(attributes)) {
        found.add(entry.value);
      }
    }
    return found;
  }

  private static <E> Node<E> node(List<Entry<E>> entries, Set<String> used, Rest rest) {
    if (entries.size() <= SCANNED || used.size() == DEEPEST) {
      return new Node<>(List.copyOf(entries), Map.of());
    }
    Map<String, Map<AttributePattern, Integer>> crowds = crowds(entries, used);
    List<Entry<E>> unfiled = new ArrayList<>();
    Map<String, Map<AttributePattern, List<Entry<E>>>> filed = new HashMap<>();
    for (Entry<E> entry : entries) {
      Condition condition = leastCrowded(entry.when, crowds, used);
      if (condition == null) {
        unfiled.add(entry);
        continue;
      }
      var patterns = filed.computeIfAbsent(condition.attribute(), attribute -> new HashMap<>());
      for (AttributePattern pattern : condition.wanted()) {
        patterns.computeIfAbsent(pattern, none -> new ArrayList<>()).add(rest.of(entry, condition));
      }
    }
    Map<String, PatternIndex<Node<E>>> branches = new HashMap<>();
    filed.forEach(
        (attribute, patterns) -> branches.put(attribute, branch(attribute, patterns, used, rest)));
    return new Node<>(List.copyOf(unfiled), Map.copyOf(branches));
  }

  private static <E> PatternIndex<Node<E>> branch(
      String attribute,
      Map<AttributePattern, List<Entry<E>>> patterns,
      Set<String> used,
      Rest rest) {
    Set<String> usedBelow = new HashSet<>(used);
    usedBelow.add(attribute);
    Map<AttributePattern, Node<E>> nodes = new HashMap<>();
    patterns.forEach((pattern, entries) -> nodes.put(pattern, node(entries, usedBelow, rest)));
    return new PatternIndex<>(nodes);
  }

  private static <E> Map<String, Map<AttributePattern, Integer>> crowds(
      List<Entry<E>> entries, Set<String> used) {
    Map<String, Map<AttributePattern, Integer>> crowds = new HashMap<>();
    for (Entry<E> entry : entries) {
      for (Condition condition : entry.when.conditions()) {
        if (canFile(condition, used)) {
          var patterns = crowds.computeIfAbsent(condition.attribute(), name -> new HashMap<>());
          condition.wanted().forEach(pattern -> patterns.merge(pattern, 1, Integer::sum));
        }
      }
    }
    return crowds;
  }

  private static @Nullable Condition leastCrowded(
      When when, Map<String, Map<AttributePattern, Integer>> crowds, Set<String> used) {
    Condition best = null;
    int least = Integer.MAX_VALUE;
    for (Condition condition : when.conditions()) {
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
