package io.limiter.algorithm;

import java.util.Arrays;

/**
 * The entries of a sliding log: times that rise strictly, each with the running total of all costs
 * up to and including it. A value: no method changes it.
 *
 * <p>Like a slice of a shared array: the newest value appends in place behind what older values can
 * see, so appending is amortised O(1) without copying. Safe to share between threads as long as one
 * of them appends to it, as one holder of a counter does.
 */
public final class LogEntries {
  private static final int LEAST_SPACE = 8;

  /** None, and nothing before them. */
  static final LogEntries EMPTY = new LogEntries(new Backing(0), 0, 0, 0);

  private final Backing backing;
  private final long base;
  private final int from;
  private final int to;
  private final long lastTotal;

  /** What several values share. {@code end} is behind the last place that any of them uses. */
  private static final class Backing {
    private final long[] times;
    private final long[] totals;
    private int end;

    Backing(int space) {
      times = new long[space];
      totals = new long[space];
    }
  }

  private LogEntries(Backing backing, long base, int from, int to) {
    this.backing = backing;
    this.base = base;
    this.from = from;
    this.to = to;
    this.lastTotal = to == from ? base : backing.totals[to - 1];
  }

  /** A log of one entry. */
  static LogEntries of(long base, long time, long cost) {
    return new LogEntries(new Backing(LEAST_SPACE), base, 0, 0).append(time, cost);
  }

  /** How many entries there are. */
  public int size() {
    return to - from;
  }

  /** The running total before the first entry. */
  public long base() {
    return base;
  }

  /** The time of entry {@code i}, in microseconds since the epoch. */
  public long time(int i) {
    return backing.times[from + i];
  }

  /** The running total up to and including entry {@code i}. */
  public long totalAt(int i) {
    return i == size() - 1 ? lastTotal : backing.totals[from + i];
  }

  long lastTime() {
    return time(size() - 1);
  }

  long total() {
    return lastTotal;
  }

  long totalBefore(int i) {
    return i == 0 ? base : totalAt(i - 1);
  }

  /** How many entries have a time up to {@code time}. */
  int countUpTo(long time) {
    int found = Arrays.binarySearch(backing.times, from, to, time);
    return found >= 0 ? found - from + 1 : -found - 1 - from;
  }

  /** The time of the first entry whose running total reaches {@code total}. */
  long firstTimeWithTotal(long total) {
    return time(firstWithTotal(total));
  }

  private int firstWithTotal(long total) {
    int low = 0;
    int high = size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (totalAt(middle) >= total) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  LogEntries dropFirst(int count) {
    return count == 0 ? this : new LogEntries(backing, totalBefore(count), from + count, to);
  }

  /**
   * With a cost charged at {@code time}, which is not before the last entry's. Totals start again
   * from the first entry's cost when they would pass 2^52.
   */
  LogEntries append(long time, long cost) {
    if (lastTotal + cost > Bounds.MAX_PRODUCT && base > 0) {
      return rebased().append(time, cost);
    }
    boolean sameMoment = size() > 0 && lastTime() == time;
    int keep = sameMoment ? size() - 1 : size();
    long total = lastTotal + cost;
    if (!sameMoment && backing.end == to && to < backing.times.length) {
      backing.times[to] = time;
      backing.totals[to] = total;
      backing.end = to + 1;
      return new LogEntries(backing, base, from, to + 1);
    }
    Backing copy = copy(keep, keep + 1 + Math.max(LEAST_SPACE, keep / 2), 0);
    copy.times[keep] = time;
    copy.totals[keep] = total;
    copy.end = keep + 1;
    return new LogEntries(copy, base, 0, keep + 1);
  }

  /** With a cost charged at any {@code time} of this log's window. */
  LogEntries insert(long time, long cost) {
    if (size() == 0 || time >= lastTime()) {
      return append(time, cost);
    }
    if (lastTotal + cost > Bounds.MAX_PRODUCT && base > 0) {
      return rebased().insert(time, cost);
    }
    int index = countUpTo(time);
    boolean sameMoment = index > 0 && time(index - 1) == time;
    int end = sameMoment ? size() : size() + 1;
    Backing copy = copy(size(), end + LEAST_SPACE, 0);
    if (sameMoment) {
      copy.totals[index - 1] += cost;
    } else {
      System.arraycopy(copy.times, index, copy.times, index + 1, size() - index);
      System.arraycopy(copy.totals, index, copy.totals, index + 1, size() - index);
      copy.times[index] = time;
      copy.totals[index] = totalBefore(index) + cost;
    }
    for (int i = sameMoment ? index : index + 1; i < end; i++) {
      copy.totals[i] += cost;
    }
    copy.end = end;
    return new LogEntries(copy, base, 0, end);
  }

  private LogEntries rebased() {
    Backing copy = copy(size(), size() + LEAST_SPACE, base);
    return new LogEntries(copy, 0, 0, size());
  }

  /** Without {@code cost} of what was charged at {@code time}, or of as much as is left of it. */
  LogEntries giveBack(long time, long cost) {
    int index = countUpTo(time) - 1;
    if (index < 0 || time(index) != time) {
      return this;
    }
    long charged = totalAt(index) - totalBefore(index);
    long given = Math.min(charged, cost);
    Backing copy = copy(size(), size() + LEAST_SPACE, 0);
    for (int i = index; i < size(); i++) {
      copy.totals[i] -= given;
    }
    int end = size();
    if (given == charged) {
      System.arraycopy(copy.times, index + 1, copy.times, index, end - index - 1);
      System.arraycopy(copy.totals, index + 1, copy.totals, index, end - index - 1);
      end--;
    }
    copy.end = end;
    return new LogEntries(copy, base, 0, end);
  }

  /** The entries up to the one that reaches {@code total}, which then has no more than that. */
  LogEntries cutAtTotal(long total) {
    int last = firstWithTotal(total);
    Backing copy = copy(last + 1, last + 1 + LEAST_SPACE, 0);
    copy.totals[last] = total;
    return new LogEntries(copy, base, 0, last + 1);
  }

  private Backing copy(int count, int space, long less) {
    Backing copy = new Backing(space);
    System.arraycopy(backing.times, from, copy.times, 0, count);
    for (int i = 0; i < count; i++) {
      copy.totals[i] = totalAt(i) - less;
    }
    copy.end = count;
    return copy;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[").append(base);
    for (int i = 0; i < size(); i++) {
      text.append(", ").append(time(i)).append(':').append(totalAt(i));
    }
    return text.append(']').toString();
  }
}
