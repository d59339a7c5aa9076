package io.limiter.server.rules.index;

import java.util.Arrays;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * One search of a {@link WhenIndex}: shown the targets that a request leads to, it keeps the places
 * of the entries that apply. Made for one request, by one thread.
 */
public final class Search implements LongPredicate {
  private static final int[] NONE = {};
  private static final int FEW = 8;

  private final WhenNode[] nodes;
  private final Condition[][] wants;
  private final Map<String, String> request;
  private int looks;
  private int count;
  private int first;

  /** All that were found, as soon as they are two. */
  private int[] found = NONE;

  Search(WhenNode[] nodes, Condition[][] wants, Map<String, String> request) {
    this.nodes = nodes;
    this.wants = wants;
    this.request = request;
  }

  /** Takes a {@link Target} in; it is never the last. */
  @Override
  public boolean test(long target) {
    looks++;
    if (Target.isNode(target)) {
      nodes[Target.nodeNumber(target)].visit(request, this);
    } else if (meets(Target.wants(target))) {
      add(Target.place(target));
    }
    return false;
  }

  private boolean meets(int wanted) {
    if (wanted != Target.NOTHING) {
      for (Condition condition : wants[wanted]) {
        if (!condition.matches(request.get(condition.attribute()))) {
          return false;
        }
      }
    }
    return true;
  }

  private void add(int place) {
    if (count == 0) {
      first = place;
      count = 1;
    } else if (count > 1 || place != first) {
      addTo(place);
    }
  }

  private void addTo(int place) {
    if (count == 1) {
      found = new int[FEW];
      found[0] = first;
    } else if (count == found.length) {
      found = Arrays.copyOf(found, 2 * count);
    }
    found[count++] = place;
    first = Math.min(first, place);
  }

  /** How many entries and nodes it was led to. */
  int looks() {
    return looks;
  }

  public boolean foundNone() {
    return count == 0;
  }

  public boolean foundOne() {
    return count == 1;
  }

  /** The first place of an entry that applies, if there is any. */
  public int first() {
    return first;
  }

  /** The places of all entries that apply, in order. */
  public int[] all() {
    if (count < 2) {
      return count == 0 ? NONE : new int[] {first};
    }
    Arrays.sort(found, 0, count);
    int distinct = 1;
    for (int i = 1; i < count; i++) {
      if (found[i] != found[distinct - 1]) {
        found[distinct++] = found[i];
      }
    }
    count = distinct;
    return Arrays.copyOf(found, count);
  }
}
