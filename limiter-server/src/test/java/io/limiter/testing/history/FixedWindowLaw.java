package io.limiter.testing.history;

import io.limiter.algorithm.FixedWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** No more than the limit in any window of the clock. */
record FixedWindowLaw(FixedWindow limit) implements Law {

  /**
   * The answer says how long after the decision its window ends. So it tells the moment, where only
   * one such moment lies between question and answer.
   */
  @Override
  public Charge placed(Event event) {
    long reset = event.answer().resetAfter();
    long end = limit.window().endOf(event.asked());
    long nextEnd = limit.window().endOf(end);
    if (reset > 0 && event.answered() < nextEnd) {
      boolean inFirst = isBetween(event, end - reset, end);
      boolean inNext = isBetween(event, nextEnd - reset, nextEnd);
      if (inFirst != inNext) {
        long at = (inFirst ? end : nextEnd) - reset;
        return new Charge(at, at, event.cost(), event);
      }
    }
    return Charge.between(event);
  }

  private boolean isBetween(Event event, long at, long end) {
    return event.asked() <= at && at <= event.answered() && limit.window().endOf(at) == end;
  }

  /** Whether it is known in which window it was. */
  boolean isPlaced(Charge charge) {
    return window(charge.earliest()) == window(charge.latest());
  }

  /** The window of a time, by its start. */
  long window(long at) {
    return limit.window().startOf(at);
  }

  @Override
  public Optional<Excess> mostOver(Charges charges, int counters) {
    Map<Long, List<Charge>> windows = new TreeMap<>();
    for (Charge charge : charges.byEarliest()) {
      if (isPlaced(charge)) {
        windows.computeIfAbsent(window(charge.earliest()), start -> new ArrayList<>()).add(charge);
      }
    }
    Excess worst = null;
    for (Map.Entry<Long, List<Charge>> window : windows.entrySet()) {
      long sum = window.getValue().stream().mapToLong(Charge::cost).sum();
      long over = sum - counters * capacity();
      if (over > 0 && (worst == null || over > worst.units())) {
        long end = limit.window().endOf(window.getKey());
        worst = new Excess(over, Charges.of(window.getValue()), window.getKey(), end);
      }
    }
    return Optional.ofNullable(worst);
  }

  @Override
  public long leastUsed(Charges certain, Charge decision) {
    if (!isPlaced(decision)) {
      return 0;
    }
    long window = window(decision.earliest());
    long used = 0;
    for (Charge charge : certain.byEarliest()) {
      if (charge.latest() < decision.earliest() && window(charge.earliest()) == window) {
        used += charge.cost();
      }
    }
    return used;
  }

  @Override
  public long mostUsed(Charges possible, Charge decision) {
    long first = window(decision.earliest());
    long last = window(decision.latest());
    long used = 0;
    for (Charge charge : possible.byEarliest()) {
      if (!charge.isOf(decision.event())
          && charge.earliest() <= decision.latest()
          && window(charge.earliest()) <= last
          && window(charge.latest()) >= first) {
        used += charge.cost();
      }
    }
    return used;
  }

  @Override
  public long capacity() {
    return limit.limit();
  }
}
