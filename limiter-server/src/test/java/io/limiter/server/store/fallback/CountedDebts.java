package io.limiter.server.store.fallback;

import io.limiter.server.store.DebtListener;
import java.util.EnumMap;
import java.util.Map;

/** Counts what becomes of debts. */
final class CountedDebts implements DebtListener {
  long settled;
  final Map<Unsettled, Long> unsettled = new EnumMap<>(Unsettled.class);

  @Override
  public void settled(long hits) {
    settled += hits;
  }

  @Override
  public void unsettled(Unsettled why, long hits) {
    unsettled.merge(why, hits, Long::sum);
  }
}
