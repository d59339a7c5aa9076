package io.limiter.server.store.redis;

import io.limiter.algorithm.Bounds;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one place of a batch asks: a question, and those that came after it and ask the same of the
 * same counter. These are sent as one, and the answers are dealt out in the order in which they
 * came. Not safe to share between threads.
 */
final class Asked {
  private final Waiting first;
  private final boolean plain;
  private @Nullable List<Waiting> more;

  Asked(Waiting first) {
    this.first = first;
    this.plain = first.isPlain();
  }

  Waiting first() {
    return first;
  }

  Charge charge() {
    return first.charge();
  }

  /** Whether one counter is asked and nothing is kept of it. */
  boolean isPlain() {
    return plain;
  }

  /** The counter, if {@link #isPlain}. */
  Charge.Entry counter() {
    return first.charge().entries().get(0);
  }

  /** How often it is asked. */
  int times() {
    List<Waiting> others = more;
    return others == null ? 1 : 1 + others.size();
  }

  /**
   * Takes a later plain question in, if it asks what this one does.
   *
   * @return whether it did
   */
  boolean takes(Waiting later) {
    Charge.Entry mine = counter();
    Charge.Entry its = later.charge().entries().get(0);
    if (!plain
        || mine.cost() != its.cost()
        || !mine.limit().equals(its.limit())
        || mine.cost() > Bounds.MAX_PRODUCT / (times() + 1)) {
      return false;
    }
    List<Waiting> others = more;
    if (others == null) {
      others = new ArrayList<>();
      more = others;
    }
    others.add(later);
    return true;
  }

  /** The question that was asked for the {@code index}th time, from 0. */
  Waiting waiting(int index) {
    List<Waiting> others = more;
    return index == 0 || others == null ? first : others.get(index - 1);
  }

  void fail(StoreException failure) {
    each(waiting -> waiting.completeExceptionally(failure));
  }

  private void each(Consumer<Waiting> action) {
    action.accept(first);
    List<Waiting> others = more;
    if (others != null) {
      others.forEach(action);
    }
  }
}
