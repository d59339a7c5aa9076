package io.limiter.testing.history;

import io.limiter.algorithm.SlidingLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** No more than the limit in any time as long as the window. */
record SlidingLogLaw(SlidingLog limit) implements Law {

  /** Of charges that all lie within less than a window, the last one counted all others. */
  @Override
  public Optional<Excess> mostOver(Charges charges, int counters) {
    List<Charge> all = charges.byEarliest();
    Excess worst = null;
    for (int i = 0; i < all.size(); i++) {
      long start = all.get(i).earliest();
      long end = start + limit.windowMicros();
      long over = -counters * capacity();
      for (int j = i; j < all.size() && all.get(j).earliest() < end; j++) {
        over += all.get(j).latest() < end ? all.get(j).cost() : 0;
      }
      if (over > 0 && (worst == null || over > worst.units())) {
        worst = new Excess(over, within(all, start, end), start, end);
      }
    }
    return Optional.ofNullable(worst);
  }

  private static Charges within(List<Charge> all, long start, long end) {
    List<Charge> within = new ArrayList<>();
    for (Charge charge : all) {
      if (start <= charge.earliest() && charge.latest() < end) {
        within.add(charge);
      }
    }
    return Charges.of(within);
  }

  @Override
  public long leastUsed(Charges certain, Charge decision) {
    long used = 0;
    for (Charge charge : certain.byEarliest()) {
      if (charge.latest() < decision.earliest()
          && charge.earliest() > decision.latest() - limit.windowMicros()) {
        used += charge.cost();
      }
    }
    return used;
  }

  @Override
  public long mostUsed(Charges possible, Charge decision) {
    long used = 0;
    for (Charge charge : possible.byEarliest()) {
      if (!charge.isOf(decision.event())
          && charge.earliest() <= decision.latest()
          && charge.latest() > decision.earliest() - limit.windowMicros()) {
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
