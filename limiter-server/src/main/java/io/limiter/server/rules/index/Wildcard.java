package io.limiter.server.rules.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text in which {@code *} stands for any run of characters, an empty one too. Whole values match
 * it, upper and lower case differ, and every other character stands for itself.
 *
 * <p>A match takes time linear in the value, whatever the two say: the texts between the runs are
 * searched one after another, each for its first end, and no search goes back.
 *
 * <p>Immutable; safe to share between threads. A match allocates nothing.
 */
public final class Wildcard {
  static final int RUN = -1;
  static final int ONE = -2;

  /** What stands before the first run; all of it, if there is no run. */
  private final Segment head;

  /** What stands between two runs. */
  private final Segment[] between;

  /** What stands behind the last run; empty without a run. */
  private final Segment tail;

  private final boolean hasRun;

  /**
   * A wildcard of these symbols.
   *
   * @param symbols UTF-16 units, {@link #RUN} and {@link #ONE}, which is one character
   * @throws BadPatternException when a part behind a run has a {@link #ONE} and is too long
   */
  Wildcard(int[] symbols) {
    List<Segment> parts = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= symbols.length; i++) {
      if (i == symbols.length || symbols[i] == RUN) {
        parts.add(Segment.of(Arrays.copyOfRange(symbols, from, i), /* first= */ parts.isEmpty()));
        from = i + 1;
      }
    }
    hasRun = parts.size() > 1;
    head = parts.get(0);
    tail = hasRun ? parts.get(parts.size() - 1) : Segment.EMPTY;
    between =
        hasRun
            ? parts.subList(1, parts.size() - 1).stream()
                .filter(part -> part.length() > 0)
                .toArray(Segment[]::new)
            : new Segment[0];
  }

  /** The wildcard that {@code text} says. */
  public static Wildcard of(String text) {
    return new Wildcard(text.chars().map(c -> c == '*' ? RUN : c).toArray());
  }

  /** Whether the whole of {@code value} matches. */
  public boolean matches(String value) {
    int at = head.matchAt(value, 0);
    if (at < 0 || !hasRun) {
      return at == value.length();
    }
    for (Segment part : between) {
      at = part.firstEnd(value, at);
      if (at < 0) {
        return false;
      }
    }
    return tail.endsWith(value, at);
  }

  /** How many texts are searched for, each by a pass over a part of the value. */
  int searches() {
    return between.length;
  }
}
