package io.limiter.client.decorate;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Those who stand in line, in the order of {@link Waiter}. Reads no clock. Not thread-safe. */
final class Line {
  private final PriorityQueue<Waiter> waiting = new PriorityQueue<>();

  int size() {
    return waiting.size();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  void add(Waiter waiter) {
    waiter.queued = true;
    waiting.add(waiter);
  }

  /** The first that still waits; null if there is none. */
  @Nullable Waiter poll() {
    while (!waiting.isEmpty()) {
      Waiter first = waiting.remove();
      first.queued = false;
      if (!first.room.isDone()) {
        return first;
      }
    }
    return null;
  }

  /** Whether it stood there. */
  boolean remove(Waiter waiter) {
    boolean stood = waiter.queued;
    if (stood) {
      waiter.queued = false;
      waiting.remove(waiter);
    }
    return stood;
  }

  /** Takes out those who cannot wait so long. */
  List<Waiter> late(Predicate<Waiter> which, long nowNanos, long wait) {
    List<Waiter> late = new ArrayList<>();
    for (Waiter one : waiting) {
      if (which.test(one) && one.left(nowNanos) < wait) {
        late.add(one);
      }
    }
    if (!late.isEmpty()) {
      late.forEach(one -> one.queued = false);
      waiting.removeIf(one -> !one.queued);
    }
    return late;
  }

  /** How much longer those can wait who can wait so long: half of what is left to them then. */
  long jitterLeft(long nowNanos, long wait) {
    long least = Long.MAX_VALUE;
    for (Waiter one : waiting) {
      long left = one.endNanos - nowNanos - wait;
      least = left >= 0 && left < least ? left : least;
    }
    return least / 2;
  }
}
