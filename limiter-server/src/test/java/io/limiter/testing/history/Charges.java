package io.limiter.testing.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Charges in the two orders in which they are searched. */
final class Charges {
  private final List<Charge> byEarliest;
  private final List<Charge> byLatest;

  private Charges(List<Charge> byEarliest, List<Charge> byLatest) {
    this.byEarliest = byEarliest;
    this.byLatest = byLatest;
  }

  static Charges of(List<Charge> charges) {
    List<Charge> byEarliest = new ArrayList<>(charges);
    byEarliest.sort(Comparator.comparingLong(Charge::earliest));
    List<Charge> byLatest = new ArrayList<>(charges);
    byLatest.sort(Comparator.comparingLong(Charge::latest));
    return new Charges(byEarliest, byLatest);
  }

  List<Charge> byEarliest() {
    return byEarliest;
  }

  List<Charge> byLatest() {
    return byLatest;
  }
}
