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
  private @Nullable List<PendingQuestion> more;

  BatchEntry(PendingQuestion first) {
    this.first = first;
    this.plain = first.isPlain();
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
   * @return false if it asks something else, or if the sum of the costs would no longer be exact
   */
  boolean takes(PendingQuestion later) {
    Charge.Entry mine = counter();
    Charge.Entry its = later.charge().entries().get(0);
    if (!plain
        || mine.cost() != its.cost()
        || !mine.limit().equals(its.limit())
        || mine.cost() > Bounds.MAX_PRODUCT / (times() + 1)) {
      return false;
    }
    List<PendingQuestion> others = more;
    if (others == null) {
      others = new ArrayList<>();
      more = others;
    }
    others.add(later);
    return true;
  }

  /** The question that came as the {@code index}th, from 0. */
  PendingQuestion question(int index) {
    List<PendingQuestion> others = more;
    return index == 0 || others == null ? first : others.get(index - 1);
  }

  void fail(StoreException failure) {
    for (int i = 0; i < times(); i++) {
      question(i).completeExceptionally(failure);
    }
  }
}
