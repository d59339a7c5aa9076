package io.limiter.server.rules.index;

import java.util.Arrays;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Finds, among many texts, those that another text contains, in one pass over that text (Aho and
 * Corasick, 1975). A search takes time linear in the other text and in what it finds, whatever the
 * texts are and however many lengths they have.
 *
 * <p>Immutable.
 */
final class ContainedTexts {
  private static final int ROOT = 0;
  private static final int NONE = -1;

  /** Where the text that ends in a state stands among the numbers; {@link #NONE} for no text. */
  private final int[] ends;

  /** The longest other state that the way to a state ends with. */
  private final int[] shorter;

  /** The longest of these in which a text ends; {@link #NONE} for none. */
  private final int[] shorterEnd;

  private final long[] numbers;

  /** From a state by a character to the next: open addressing, at most half full. */
  private final long[] steps;

  private final int[] targets;

  /** The states in the order in which they were made, each with how it is reached. */
  private static final class Trie {
    private int[] parents = new int[64];
    private char[] chars = new char[64];
    private int size = 1;

    int add(int parent, char c) {
      if (size == parents.length) {
        parents = Arrays.copyOf(parents, 2 * size);
        chars = Arrays.copyOf(chars, 2 * size);
      }
      parents[size] = parent;
      chars[size] = c;
      return size++;
    }
  }

  /**
   * An index of these texts, each with a number to know it by.
   *
   * @param entries no text is empty
   */
  ContainedTexts(Map<String, Long> entries) {
    String[] texts = entries.keySet().stream().sorted().toArray(String[]::new);
    int most = states(texts);
    steps = new long[Integer.highestOneBit(most) * 4];
    targets = new int[steps.length];
    numbers = new long[entries.size()];
    Trie trie = new Trie();
    int[] last = new int[entries.size()];
    int[] depths = new int[most];
    int count = 0;
    for (String text : texts) {
      int state = ROOT;
      for (int i = 0; i < text.length(); i++) {
        int next = step(state, text.charAt(i));
        if (next == NONE) {
          next = trie.add(state, text.charAt(i));
          put(state, text.charAt(i), next);
          depths[next] = i + 1;
        }
        state = next;
      }
      numbers[count] = entries.getOrDefault(text, 0L);
      last[count++] = state;
    }
    ends = new int[trie.size];
    Arrays.fill(ends, NONE);
    for (int i = 0; i < count; i++) {
      ends[last[i]] = i;
    }
    shorter = new int[trie.size];
    shorterEnd = new int[trie.size];
    shorterEnd[ROOT] = NONE;
    for (int state : byDepth(depths, trie.size)) {
      if (state != ROOT) {
        int parent = trie.parents[state];
        int from = parent == ROOT ? ROOT : next(shorter[parent], trie.chars[state]);
        shorter[state] = from;
        shorterEnd[state] = ends[from] == NONE ? shorterEnd[from] : from;
      }
    }
  }

  /** How many states these texts, sorted, take: one for each different beginning. */
  private static int states(String[] texts) {
    int states = 1;
    String before = "";
    for (String text : texts) {
      int common = 0;
      int most = Math.min(before.length(), text.length());
      while (common < most && before.charAt(common) == text.charAt(common)) {
        common++;
      }
      states += text.length() - common;
      before = text;
    }
    return states;
  }

  /** The states, those nearer to the root first. */
  private static int[] byDepth(int[] depths, int size) {
    int deepest = 0;
    for (int state = 0; state < size; state++) {
      deepest = Math.max(deepest, depths[state]);
    }
    int[] starts = new int[deepest + 2];
    for (int state = 0; state < size; state++) {
      starts[depths[state] + 1]++;
    }
    for (int depth = 0; depth <= deepest; depth++) {
      starts[depth + 1] += starts[depth];
    }
    int[] sorted = new int[size];
    for (int state = 0; state < size; state++) {
      sorted[starts[depths[state]]++] = state;
    }
    return sorted;
  }

  private static long key(int state, char c) {
    // Not 0, which is a free slot.
    return (((long) state << Character.SIZE) | c) + 1;
  }

  private int slot(long key) {
    return (int) ((key * PerfectHashTable.FACTOR) >>> Integer.SIZE) & (steps.length - 1);
  }

  private void put(int state, char c, int target) {
    long key = key(state, c);
    int slot = slot(key);
    while (steps[slot] != 0) {
      slot = (slot + 1) & (steps.length - 1);
    }
    steps[slot] = key;
    targets[slot] = target;
  }

  private int step(int state, char c) {
    long key = key(state, c);
    int slot = slot(key);
    while (steps[slot] != key) {
      if (steps[slot] == 0) {
        return NONE;
      }
      slot = (slot + 1) & (steps.length - 1);
    }
    return targets[slot];
  }

  /** The state after {@code c}. All states go down at most as often as characters led them up. */
  private int next(int state, char c) {
    int from = state;
    int next = step(from, c);
    while (next == NONE && from != ROOT) {
      from = shorter[from];
      next = step(from, c);
    }
    return next == NONE ? ROOT : next;
  }

  /**
   * Shows {@code visitor} the number of every text that {@code value} contains, each once, until it
   * says yes.
   *
   * @return whether it did
   */
  boolean any(String value, LongPredicate visitor) {
    long[] seen = null;
    int state = ROOT;
    for (int at = 0; at < value.length(); at++) {
      state = next(state, value.charAt(at));
      int end = ends[state] == NONE ? shorterEnd[state] : state;
      // Whatever was seen, the shorter ones were seen with it.
      while (end != NONE && (seen == null || ((seen[ends[end] >> 6] >> ends[end]) & 1) == 0)) {
        seen = seen == null ? new long[(numbers.length >> 6) + 1] : seen;
        seen[ends[end] >> 6] |= 1L << ends[end];
        if (visitor.test(numbers[ends[end]])) {
          return true;
        }
        end = shorterEnd[end];
      }
    }
    return false;
  }
}
