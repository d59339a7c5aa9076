package io.limiter.server.rules.index;

import java.util.Arrays;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * One search of a {@link WhenIndex}: follows the pointers that a request leads to, and keeps the
 * entries that apply. Made for one request, by one thread.
 */
public final class Search implements LongPredicate {
  private static final int[] NONE = {};
  private static final int FEW = 8;

  private final WhenNode[] nodes;
  private final Condition[][] residuals;
  private final Map<String, String> request;
  private int visits;
  private int count;
  private int first;

  /** All that were found, as soon as they are two. */
  private int[] found = NONE;

  Search(WhenNode[] nodes, Condition[][] residuals, Map<String, String> request) {
    this.nodes = nodes;
    this.residuals = residuals;
    this.request = request;
  }

  /** Follows a {@link Pointer}. Returns false, as there may be more. */
  @Override
  public boolean test(long pointer) {
    visits++;
    if (Pointer.isNode(pointer)) {
      nodes[Pointer.node(pointer)].visit(request, this);
    } else if (meets(Pointer.residual(pointer))) {
      add(Pointer.entry(pointer));
    }
    return false;
  }

  private boolean meets(int residual) {
    if (residual != Pointer.NO_RESIDUAL) {
      for (Condition condition : residuals[residual]) {
        if (!condition.matches(request.get(condition.attribute()))) {
          return false;
        }
      }
    }
    return true;
  }

  private void add(int entry) {
    if (count == 0) {
      first = entry;
      count = 1;
    } else if (count > 1 || entry != first) {
      addTo(entry);
    }
  }

  private void addTo(int entry) {
    if (count == 1) {
      found = new int[FEW];
      found[0] = first;
    } else if (count == found.length) {
      found = Arrays.copyOf(found, 2 * count);
    }
    found[count++] = entry;
    first = Math.min(first, entry);
  }

  /** How many entries and nodes it has visited. */
  int visits() {
    return visits;
  }

  public boolean foundNone() {
    return count == 0;
  }

  public boolean foundOne() {
    return count == 1;
  }

  /** The index of the first entry that applies, if there is any. */
  public int first() {
    return first;
  }

  /** The indexes of all entries that apply, in order. */
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
