package io.limiter.server.store.fallback;

import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtListener.Unsettled;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.DebtTarget.Fate;
import io.limiter.server.store.DebtTarget.Paid;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Charges counters with what they are owed, 64 of a node at a time. What may have been charged is
 * not sent again. To be run by one thread at a time.
 */
final class Payer extends Sender<String, Debt, Paid> {
  private static final int AT_ONCE = 64;

  private final DebtTarget target;
  private final SettlerLog told;
  private final Debts debts;

  Payer(DebtTarget target, LongSupplier nanoTime, SettlerLog told, Debts debts) {
    super(target, nanoTime, AT_ONCE);
    this.target = target;
    this.told = told;
    this.debts = debts;
  }

  @Override
  int size() {
    return debts.size();
  }

  @Override
  @Nullable String next(long nowNanos) {
    return debts.next();
  }

  @Override
  String key(String counter) {
    return counter;
  }

  @Override
  void later(String counter) {
    debts.later(counter);
  }

  @Override
  @Nullable Debt take(String counter, long nowNanos) {
    return debts.take(counter, nowNanos);
  }

  @Override
  CompletionStage<List<Paid>> send(List<Debt> all) {
    return target.settle(all);
  }

  @Override
  boolean landed(Debt debt, Paid paid) {
    switch (paid.fate()) {
      case AGAIN, REFUSED -> {
        debts.putBack(debt);
        return paid.fate() == Fate.REFUSED;
      }
      case SETTLED -> {
        told.settledCounter(paid.charged());
        told.unsettled(Unsettled.EXPIRED, paid.gone());
        told.unsettled(Unsettled.NO_ROOM, debt.cost() - paid.charged() - paid.gone());
      }
      case UNANSWERED -> told.unsettled(Unsettled.UNANSWERED, debt.cost());
      case UNREADABLE -> told.unsettled(Unsettled.UNREADABLE, debt.cost());
    }
    debts.landed(debt);
    return false;
  }
}
