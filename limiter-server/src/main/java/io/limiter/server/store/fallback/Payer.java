package io.limiter.server.store.fallback;

import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtListener.Unsettled;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.DebtTarget.Fate;
import io.limiter.server.store.DebtTarget.Paid;
import io.limiter.server.store.DebtTarget.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Charges counters with what they are owed, 64 of a node at a time. What may have been charged is
 * not sent again. To be run by one thread at a time.
 */
final class Payer {
  private static final int AT_ONCE = 64;
  private static final int LOOKS = 256;

  private final DebtTarget target;
  private final LongSupplier nanoTime;
  private final SettlerLog told;
  private final Debts debts;
  private final SettlerNodes nodes = new SettlerNodes();

  Payer(DebtTarget target, LongSupplier nanoTime, SettlerLog told, Debts debts) {
    this.target = target;
    this.nanoTime = nanoTime;
    this.told = told;
    this.debts = debts;
  }

  /** Sends what may be sent now. */
  void run() {
    long now = nanoTime.getAsLong();
    Map<Place, List<Debt>> calls = new HashMap<>();
    Map<Object, Integer> taken = new HashMap<>();
    String passed = null;
    for (int i = 0; i < LOOKS; i++) {
      String key = debts.next();
      if (key == null) {
        break;
      }
      Place place = target.place(key);
      if (place == null
          || taken.getOrDefault(place.node(), 0) == AT_ONCE
          || !nodes.mayBeSent(place.node(), now)) {
        debts.later(key);
        if (key.equals(passed)) {
          break;
        }
        passed = passed == null ? key : passed;
        continue;
      }
      Debt debt = debts.take(key, now);
      if (debt != null) {
        taken.merge(place.node(), 1, Integer::sum);
        calls.computeIfAbsent(place, one -> new ArrayList<>()).add(debt);
      }
    }
    calls.forEach(this::send);
    nodes.forgetIdle(now);
  }

  private void send(Place place, List<Debt> all) {
    CompletionStage<Void> answered =
        target
            .settle(all)
            .thenAccept(
                paid -> {
                  for (int i = 0; i < all.size(); i++) {
                    landed(all.get(i), paid.get(i), place.node());
                  }
                });
    nodes.sent(place.node(), answered, nanoTime.getAsLong());
  }

  private void landed(Debt debt, Paid paid, Object node) {
    switch (paid.fate()) {
      case SETTLED -> {
        told.settledCounter(paid.charged());
        told.unsettled(Unsettled.EXPIRED, paid.gone());
        told.unsettled(Unsettled.NO_ROOM, debt.cost() - paid.charged() - paid.gone());
      }
      case AGAIN -> debts.putBack(debt);
      case REFUSED -> {
        nodes.refused(node, nanoTime.getAsLong());
        debts.putBack(debt);
      }
      case UNANSWERED -> told.unsettled(Unsettled.UNANSWERED, debt.cost());
      case UNREADABLE -> told.unsettled(Unsettled.UNREADABLE, debt.cost());
    }
    if (paid.fate() != Fate.AGAIN && paid.fate() != Fate.REFUSED) {
      debts.landed(debt);
    }
  }

  /** What was sent and is not answered. */
  List<CompletableFuture<?>> waiting() {
    return nodes.waiting();
  }
}
