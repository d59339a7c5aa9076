package io.limiter.ledger;

import io.limiter.algorithm.Charged;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is held of one counter: the twin of {@code books.lua}, which keeps the same in another form.
 * Not safe to share between threads.
 */
public final class HoldBook {
  /** How long an expired hold stays known, so that a late settlement is charged. */
  static final long KEPT_MICROS = 60_000_000;

  /** The soonest to expire first. */
  private final TreeSet<Hold> order =
      new TreeSet<>(Comparator.comparingLong(Hold::stop).thenComparing(Hold::name));

  private final Map<String, Hold> byName = new HashMap<>();
  private long taken;
  private long held;
  private long last = Long.MIN_VALUE;

  /**
   * A hold.
   *
   * @param chargedWhenExpired whether it stays charged if nobody settles it
   * @param stop when it expires
   * @param fresh how much of the cost could go back to where it was charged
   * @param at when it was charged, by its counter's time
   * @param window what else a refund has to know
   */
  public record Hold(
      String name,
      boolean chargedWhenExpired,
      long stop,
      long cost,
      long fresh,
      long at,
      long window) {

    /** What of its charge is to go back. */
    Charged charged(long most) {
      return new Charged(Math.min(most, fresh), at, window);
    }
  }

  /** The book's time: it never runs back. */
  long at(long nowMicros) {
    return Math.max(nowMicros, last);
  }

  /** The sum of what has not ended. */
  long held() {
    return held;
  }

  /** Ends what has expired, and tells what of it is to be given back: the earliest charge first. */
  List<Hold> sweep(long nowMicros) {
    long at = at(nowMicros);
    List<Hold> over = new ArrayList<>();
    for (Hold hold : order) {
      if (hold.stop > at) {
        break;
      }
      if (hold.stop > last) {
        held -= hold.cost;
        over.add(hold);
      }
    }
    if (!over.isEmpty()) {
      last = at;
    }
    while (!order.isEmpty() && order.first().stop <= at - KEPT_MICROS) {
      byName.remove(order.pollFirst().name);
    }
    over.removeIf(hold -> hold.chargedWhenExpired);
    over.sort(Comparator.comparingLong(Hold::at));
    return over;
  }

  /** Takes a hold, and tells its number. */
  long take(Hold hold, long nowMicros) {
    last = at(nowMicros);
    put(hold);
    held += hold.cost;
    return ++taken;
  }

  /** Puts a hold that has not ended in place of itself as it was. */
  void replace(Hold before, Hold after, long nowMicros) {
    last = at(nowMicros);
    order.remove(before);
    put(after);
    held += after.cost - before.cost;
  }

  private void put(Hold hold) {
    byName.put(hold.name, hold);
    order.add(hold);
  }

  /** Ends a hold. */
  void remove(Hold hold, long nowMicros) {
    if (hold.stop > at(nowMicros)) {
      held -= hold.cost;
    }
    last = at(nowMicros);
    byName.remove(hold.name);
    order.remove(hold);
  }

  /** A hold that has not been ended. */
  @Nullable Hold find(String name) {
    return byName.get(name);
  }

  /** How it stands with a hold. */
  Ending.State state(String name, long number, long expiresMicros, long nowMicros) {
    long at = at(nowMicros);
    Hold hold = byName.get(name);
    if (hold != null && hold.stop > at - KEPT_MICROS) {
      return hold.stop > at ? Ending.State.ENDED : Ending.State.EXPIRED;
    }
    boolean known = hold == null && number > 0 && number <= taken;
    return known && expiresMicros > at - KEPT_MICROS
        ? Ending.State.ENDED_BEFORE
        : Ending.State.UNKNOWN;
  }

  /** When so much will have expired; null if never. */
  @Nullable Long frees(long needed, long nowMicros) {
    long rest = needed;
    for (Hold hold : order) {
      if (hold.stop > at(nowMicros)) {
        rest -= hold.cost;
        if (rest <= 0) {
          return hold.stop;
        }
      }
    }
    return null;
  }

  /** Ends what expires first, as far as it comes to so much. */
  void endFirst(long cost, long nowMicros) {
    long rest = cost;
    for (Hold hold : List.copyOf(order)) {
      if (rest <= 0) {
        break;
      }
      if (hold.stop > at(nowMicros)) {
        long ended = Math.min(rest, hold.cost);
        rest -= ended;
        if (ended == hold.cost) {
          remove(hold, nowMicros);
        } else {
          replace(hold, less(hold, ended), nowMicros);
        }
      }
    }
    last = at(nowMicros);
  }

  private static Hold less(Hold hold, long cost) {
    return new Hold(
        hold.name,
        hold.chargedWhenExpired,
        hold.stop,
        hold.cost - cost,
        Math.max(0, hold.fresh - cost),
        hold.at,
        hold.window);
  }
}
