package io.limiter.testing.history;

import io.limiter.algorithm.Bucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * In any time no more than the capacity and what comes free meanwhile.
 *
 * <p>What is in use at a moment is the most, over all moments before, of what was charged since
 * less what came free since. So each moment before gives a bound from below.
 */
record BucketLaw(Bucket bucket) implements Law {

  @Override
  public Optional<Excess> mostOver(Charges charges, int counters) {
    Excess worst = null;
    for (Charge first : charges.byEarliest()) {
      long start = first.earliest();
      long sum = 0;
      for (Charge charge : charges.byLatest()) {
        if (charge.earliest() >= start) {
          sum += units(charge);
          long over = sum - counters * (capacity() + free(start, charge.latest()));
          if (over > 0 && (worst == null || over > worst.units())) {
            worst = new Excess(over, charges, start, charge.latest());
          }
        }
      }
    }
    return Optional.ofNullable(worst).map(BucketLaw::within);
  }

  private static Excess within(Excess worst) {
    List<Charge> within = new ArrayList<>();
    for (Charge charge : worst.charges().byEarliest()) {
      if (worst.from() <= charge.earliest() && charge.latest() <= worst.to()) {
        within.add(charge);
      }
    }
    return new Excess(worst.units(), Charges.of(within), worst.from(), worst.to());
  }

  private long units(Charge charge) {
    return charge.cost() * unitsPerCost();
  }

  private long free(long from, long to) {
    return (to - from) * bucket.unitsPerMicro();
  }

  @Override
  public long leastUsed(Charges certain, Charge decision) {
    List<Charge> all = certain.byEarliest();
    long sum = 0;
    long used = 0;
    for (int i = all.size() - 1; i >= 0; i--) {
      Charge charge = all.get(i);
      if (charge.latest() < decision.earliest()) {
        sum += units(charge);
        used = Math.max(used, sum - free(charge.earliest(), decision.latest()));
      }
    }
    return used;
  }

  @Override
  public long mostUsed(Charges possible, Charge decision) {
    List<Charge> all = possible.byLatest();
    long sum = 0;
    long used = 0;
    for (int i = all.size() - 1; i >= 0; i--) {
      Charge charge = all.get(i);
      if (!charge.isOf(decision.event()) && charge.earliest() <= decision.latest()) {
        sum += units(charge);
        used = Math.max(used, sum - Math.max(0, free(charge.latest(), decision.earliest())));
      }
    }
    return used;
  }

  @Override
  public long capacity() {
    return bucket.capacityUnits();
  }

  @Override
  public long unitsPerCost() {
    return bucket.unitsPerToken();
  }
}
