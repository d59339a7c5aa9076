package io.limiter.server.store.redis;

import io.limiter.algorithm.Bounds;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a batch: a question, and later ones that ask the same of the same counter. They are
 * sent as one. The answers are dealt out in the order in which the questions came. Not safe to
 * share between threads.
 */
final class BatchEntry {
  private final PendingQuestion first;
  private final boolean plain;
  private final int patience;
  private long deadlineNanos;
  private @Nullable List<PendingQuestion> more;

  /**
   * An entry of one question.
   *
   * @param nowNanos when its batch is made, by {@link System#nanoTime}
   */
  BatchEntry(PendingQuestion first, long nowNanos) {
    this.first = first;
    this.plain = first.isPlain();
    this.patience = patience(first, nowNanos);
    this.deadlineNanos = first.deadlineNanos();
  }

  /** The binary logarithm of how long a question waits yet, in about milliseconds. */
  private static int patience(PendingQuestion question, long nowNanos) {
    return Long.SIZE
        - Long.numberOfLeadingZeros(Math.max(0, question.deadlineNanos() - nowNanos) >> 20);
  }

  /** The same for entries that wait about equally long: none twice as long as another. */
  int patience() {
    return patience;
  }

  /** When the first of its questions stops waiting, by {@link System#nanoTime}. */
  long deadlineNanos() {
    return deadlineNanos;
  }

  PendingQuestion first() {
    return first;
  }

  Charge charge() {
    return first.charge();
  }

  /** Whether it asks one counter and Redis keeps nothing else of it. */
  boolean isPlain() {
    return plain;
  }

  /** The counter, if {@link #isPlain}. */
  Charge.Entry counter() {
    return first.charge().entries().get(0);
  }

  /** How many questions it holds: 1 or more. */
  int times() {
    List<PendingQuestion> others = more;
    return others == null ? 1 : 1 + others.size();
  }

  /**
   * Takes in a later plain question that asks the same.
   *
   * @param nowNanos when the batch is made
   * @return false if it asks something else, or in another way, or waits for another time, or if
   *     the sum of the costs would no longer be exact
   */
  boolean takes(PendingQuestion later, long nowNanos) {
    Charge.Entry mine = counter();
    Charge.Entry its = later.charge().entries().get(0);
    if (!plain
        || mine.cost() != its.cost()
        || !mine.limit().equals(its.limit())
        || patience(later, nowNanos) != patience
        || later.declaresKeys() != first.declaresKeys()
        || mine.cost() > Bounds.MAX_PRODUCT / (times() + 1)) {
      return false;
    }
    List<PendingQuestion> others = more;
    if (others == null) {
      others = new ArrayList<>();
      more = others;
    }
    others.add(later);
    deadlineNanos = Math.min(deadlineNanos, later.deadlineNanos());
    return true;
  }

  /** The question that came as the {@code index}th, from 0. */
  PendingQuestion question(int index) {
    List<PendingQuestion> others = more;
    return index == 0 || others == null ? first : others.get(index - 1);
  }

  void fail(StoreException failure) {
    for (int i = 0; i < times(); i++) {
      question(i).failed(failure);
    }
  }
}
