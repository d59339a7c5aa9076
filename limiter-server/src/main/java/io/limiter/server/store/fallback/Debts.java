package io.limiter.server.store.fallback;

import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtListener;
import io.limiter.server.store.DebtListener.Unsettled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What counters are owed. Bounded: of the counters, those that were owed something least recently
 * go first; and of each, what was admitted within a sixteenth of the time for which it counts is
 * one part, as of the first of it. So a part expires no later than any of it would have.
 *
 * <p>A counter that is asked for is taken out, and counts as sent until it is told what became of
 * that. Safe to share between threads.
 */
final class Debts {
  private static final int PARTS = 16;

  /** A time that is measured here may be shorter by the clock of Redis. */
  private static final long NANOS_PER_MICRO = 1_010;

  private final int most;
  private final LongSupplier nowMicros;
  private final LongSupplier nanoTime;
  private final DebtListener listener;
  private final Map<String, Open> open = new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);
  private final Map<String, Sent> sent = new HashMap<>();

  /** Whose turn it is next. Some may be owed nothing any more. */
  private final Deque<String> turns = new ArrayDeque<>();

  /** What one counter is owed. */
  private static final class Open {
    final List<Part> parts = new ArrayList<>(2);
    Limit limit;

    /** For how long at most anything of it counts. */
    long countsNanos;

    Open(Limit limit) {
      this.limit = limit;
    }

    long cost() {
      return parts.stream().mapToLong(Part::cost).sum();
    }

    /** What becomes known late may be earlier than the last part. */
    void add(Part part) {
      int place = parts.size();
      while (place > 0 && parts.get(place - 1).atNanos - part.atNanos > 0) {
        place--;
      }
      if (!isMerged(place - 1, part) && !isMerged(place, part)) {
        parts.add(place, part);
      }
    }

    private boolean isMerged(int place, Part part) {
      if (place < 0 || place == parts.size()) {
        return false;
      }
      Part other = parts.get(place);
      if (other.windowStart != part.windowStart || slice(other) != slice(part)) {
        return false;
      }
      long sum = Math.min(other.cost + part.cost, Bounds.MAX_COUNT);
      long first = other.atNanos - part.atNanos < 0 ? other.atNanos : part.atNanos;
      parts.set(place, new Part(sum, first, part.windowStart));
      return true;
    }

    private long slice(Part part) {
      return Math.floorDiv(part.atNanos, Math.max(1, countsNanos / PARTS));
    }
  }

  /**
   * Admitted at one time, or soon after it.
   *
   * @param windowStart when the window began, if the limit cuts time into windows; otherwise 0
   */
  private record Part(long cost, long atNanos, long windowStart) {}

  private record Sent(Debt debt, Open open) {}

  /**
   * No debts.
   *
   * @param most the most counters that may be owed something
   * @param nowMicros the time by which windows begin about when they do in Redis
   * @param nanoTime the time by which it is told when something was admitted
   */
  Debts(int most, LongSupplier nowMicros, LongSupplier nanoTime, DebtListener listener) {
    this.most = most;
    this.nowMicros = nowMicros;
    this.nanoTime = nanoTime;
    this.listener = listener;
  }

  /** Adds to what a counter is owed: what was admitted now, or before. */
  synchronized void add(String key, Limit limit, long cost, long atNanos) {
    long at = nowMicros.getAsLong() - (nanoTime.getAsLong() - atNanos) / 1_000;
    Open debt = open.get(key);
    if (debt == null) {
      debt = new Open(limit);
      open.put(key, debt);
      enqueue(key);
      displace();
    }
    debt.limit = limit;
    debt.countsNanos =
        limit.windowMicros(at) * NANOS_PER_MICRO * (limit instanceof SlidingCounter ? 2 : 1);
    expire(debt, atNanos);
    debt.add(new Part(cost, atNanos, windowStart(limit, at)));
  }

  private static long windowStart(Limit limit, long at) {
    if (limit instanceof FixedWindow fixed) {
      return fixed.window().startOf(at);
    }
    return limit instanceof SlidingCounter counter ? at - at % counter.windowMicros() : 0;
  }

  private void enqueue(String key) {
    if (turns.size() > 2 * most) {
      turns.clear();
      turns.addAll(open.keySet());
    } else {
      turns.add(key);
    }
  }

  private void displace() {
    if (open.size() > most) {
      var eldest = open.entrySet().iterator();
      listener.unsettled(Unsettled.DISPLACED, eldest.next().getValue().cost());
      eldest.remove();
    }
  }

  private void expire(Open debt, long nowNanos) {
    while (!debt.parts.isEmpty() && nowNanos - debt.parts.get(0).atNanos > debt.countsNanos) {
      listener.unsettled(Unsettled.EXPIRED, debt.parts.remove(0).cost);
    }
  }

  /** Takes from what a counter is owed, the latest first. */
  synchronized void giveBack(String key, long cost) {
    Open debt = open.get(key);
    long left = cost;
    while (debt != null && left > 0 && !debt.parts.isEmpty()) {
      int last = debt.parts.size() - 1;
      Part part = debt.parts.remove(last);
      if (part.cost > left) {
        debt.parts.add(new Part(part.cost - left, part.atNanos, part.windowStart));
      }
      listener.unsettled(Unsettled.RESET, Math.min(left, part.cost));
      left -= part.cost;
    }
  }

  /** Counters are owed nothing any more, also not what comes back of what was sent. */
  synchronized void forget(List<String> keys) {
    for (String key : keys) {
      Open debt = open.remove(key);
      if (debt != null) {
        listener.unsettled(Unsettled.RESET, debt.cost());
      }
      sent.remove(key);
    }
  }

  /** The counter whose turn it is to be settled; null if none is owed anything. */
  synchronized @Nullable String next() {
    String key = turns.poll();
    while (key != null && !open.containsKey(key)) {
      key = turns.poll();
    }
    return key;
  }

  /** Its turn comes again. */
  synchronized void later(String key) {
    if (open.containsKey(key)) {
      enqueue(key);
    }
  }

  /** Takes out what a counter is owed; null if that is nothing, or if some of it is sent. */
  synchronized @Nullable Debt take(String key, long nowNanos) {
    if (sent.containsKey(key)) {
      later(key);
      return null;
    }
    Open debt = open.remove(key);
    if (debt == null) {
      return null;
    }
    expire(debt, nowNanos);
    if (debt.parts.isEmpty()) {
      return null;
    }
    List<Debt.Part> parts = new ArrayList<>(debt.parts.size());
    debt.parts.forEach(part -> parts.add(new Debt.Part(part.cost, part.atNanos)));
    Debt taken = new Debt(key, debt.limit, parts);
    sent.put(key, new Sent(taken, debt));
    return taken;
  }

  /** Something became of what was sent. */
  synchronized void landed(Debt debt) {
    var unused = made(debt);
  }

  /** What was sent, which lands; null if it was forgotten meanwhile. */
  private @Nullable Open made(Debt debt) {
    Sent known = sent.get(debt.key());
    if (known == null || !known.debt.equals(debt)) {
      return null;
    }
    sent.remove(debt.key());
    return known.open;
  }

  /** Nothing was charged of what was sent: it is owed as before, unless that was forgotten. */
  synchronized void putBack(Debt debt) {
    Open before = made(debt);
    if (before == null) {
      listener.unsettled(Unsettled.RESET, debt.cost());
      return;
    }
    Open since = open.put(debt.key(), before);
    if (since != null) {
      before.limit = since.limit;
      since.parts.forEach(before::add);
    }
    enqueue(debt.key());
    displace();
  }

  /** How many counters are owed something, also if that is sent. */
  synchronized int size() {
    int only = (int) sent.keySet().stream().filter(key -> !open.containsKey(key)).count();
    return open.size() + only;
  }

  /** Whether nothing is owed, and nothing is sent. */
  synchronized boolean isSettled() {
    return open.isEmpty() && sent.isEmpty();
  }

  /** Gives up what is owed and not sent. */
  synchronized long giveUp() {
    long cost = 0;
    for (Open debt : open.values()) {
      cost += debt.cost();
    }
    open.clear();
    turns.clear();
    return cost;
  }
}
