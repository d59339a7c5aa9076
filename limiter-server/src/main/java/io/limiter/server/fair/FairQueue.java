package io.limiter.server.fair;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A queue in which callers are served in turn. Each has a line of its own, first in first out. From
 * each line so much is taken at a time ({@link #TURN}). Lock-free. Any thread may add, and one
 * thread at a time may take.
 *
 * <p>Callers are told apart by numbers that follow each other, such as those of connections. Two
 * whose numbers are {@link #LINES} apart share a line ("stochastic fairness queueing", McKenney
 * 1990): so nothing has to be kept of who came and went.
 *
 * <p>Nobody may have more waiting than there is still room for, see {@link FairShare}.
 *
 * @param <T> what waits
 */
public final class FairQueue<T extends FairQueue.Item> {
  /** How many lines there are: a power of 2. */
  static final int LINES = 1_024;

  /** How much of a line goes before the next has its turn. */
  static final int TURN = 16;

  /** What waits. */
  public interface Item {
    /** What it costs to serve it, 1 or more; always the same. */
    int cost();
  }

  private final int room;
  private final AtomicReferenceArray<@Nullable Line<T>> lines = new AtomicReferenceArray<>(LINES);

  /** The lines that have something waiting, in turn. */
  private final Queue<Line<T>> turns = new ConcurrentLinkedQueue<>();

  /** What all costs together that is in the queue or about to be. */
  private final AtomicInteger waiting = new AtomicInteger();

  /** How many lines are in turn. */
  private final AtomicInteger inTurn = new AtomicInteger();

  /** Whose turn it is, and how much is left of it. Known to the thread that takes. */
  private @Nullable Line<T> current;

  private int left;

  /**
   * An empty queue.
   *
   * @param most what may wait for one caller alone, in cost, 1 or more. All together may have twice
   *     as much waiting
   */
  public FairQueue(int most) {
    room = 2 * most;
  }

  /**
   * What waits for one caller. It is in turn, or nothing of it waits, or a thread is just adding to
   * it: whoever adds puts the item in first and looks second whether the line is in turn, and
   * whoever takes a line out of turn looks once more whether it is empty.
   */
  private static final class Line<T> {
    final Queue<T> items = new ConcurrentLinkedQueue<>();
    final AtomicInteger waiting = new AtomicInteger();
    final AtomicBoolean inTurn = new AtomicBoolean();
  }

  /**
   * Adds an item.
   *
   * @return false, and it is not added, if its caller has as much waiting as may
   */
  public boolean add(int caller, T item) {
    int cost = item.cost();
    Line<T> line = line(caller);
    int all = waiting.addAndGet(cost);
    if (line.waiting.addAndGet(cost) > room - all) {
      line.waiting.addAndGet(-cost);
      waiting.addAndGet(-cost);
      return false;
    }
    line.items.add(item);
    putInTurn(line);
    return true;
  }

  private Line<T> line(int caller) {
    int at = caller & (LINES - 1);
    Line<T> line = lines.get(at);
    if (line == null) {
      Line<T> made = new Line<>();
      Line<T> other = lines.compareAndExchange(at, null, made);
      line = other == null ? made : other;
    }
    return line;
  }

  private void putInTurn(Line<T> line) {
    if (!line.inTurn.get() && line.inTurn.compareAndSet(false, true)) {
      inTurn.incrementAndGet();
      turns.add(line);
    }
  }

  /** Takes the next item; null if there is none. One thread at a time. */
  public @Nullable T poll() {
    Line<T> line = current;
    while (true) {
      if (line == null) {
        line = turns.poll();
        left = TURN;
        if (line == null) {
          current = null;
          return null;
        }
      }
      T item = line.items.peek();
      if (item == null) {
        takeOutOfTurn(line);
        line = null;
      } else if (left <= 0) {
        turns.add(line);
        line = null;
      } else {
        line.items.poll();
        current = line;
        left -= item.cost();
        line.waiting.addAndGet(-item.cost());
        waiting.addAndGet(-item.cost());
        return item;
      }
    }
  }

  private void takeOutOfTurn(Line<T> line) {
    inTurn.decrementAndGet();
    line.inTurn.set(false);
    if (!line.items.isEmpty()) {
      putInTurn(line);
    }
  }

  /** What all that waits costs. */
  public int waiting() {
    return waiting.get();
  }

  /**
   * What may be served before an item that this caller adds now: what waits for it already, and as
   * much for everybody else who has something waiting; never more than all that waits.
   */
  public int ahead(int caller) {
    int all = waiting.get();
    Line<T> line = lines.get(caller & (LINES - 1));
    long mine = line == null ? 0 : line.waiting.get();
    return (int) Math.min(all, (mine + TURN) * Math.max(1, inTurn.get()));
  }

  /** Whether nothing waits. */
  public boolean isEmpty() {
    return waiting.get() == 0;
  }
}
