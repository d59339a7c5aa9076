package io.limiter.server.store.fallback;

import io.limiter.server.store.DebtListener;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sums up what became of debts, for one line in the log. Safe to share between threads. */
final class SettlerLog implements DebtListener {
  private static final Logger log = LoggerFactory.getLogger(Settler.class);

  private final DebtListener listener;
  private final Map<Unsettled, Long> lost = new EnumMap<>(Unsettled.class);
  private long hits;
  private long counters;

  /** Tells a listener everything at once. */
  SettlerLog(DebtListener listener) {
    this.listener = listener;
  }

  void settledCounter(long charged) {
    synchronized (this) {
      counters++;
      hits += charged;
    }
    listener.settled(charged);
  }

  @Override
  public void unsettled(Unsettled why, long cost) {
    if (cost > 0) {
      synchronized (this) {
        lost.merge(why, cost, Long::sum);
      }
      listener.unsettled(why, cost);
    }
  }

  /** Whether anything happened since it was told. */
  synchronized boolean hasNews() {
    return counters > 0 || !lost.isEmpty();
  }

  /** Tells the log, if there is anything to tell. */
  void tell() {
    String line;
    synchronized (this) {
      if (!hasNews()) {
        return;
      }
      StringJoiner said = new StringJoiner("; ");
      if (counters > 0) {
        said.add(
            "Charged %d hits of %d counters that were admitted while Redis was away"
                .formatted(hits, counters));
      }
      if (!lost.isEmpty()) {
        StringJoiner rest = new StringJoiner(", ");
        lost.forEach((why, cost) -> rest.add(cost + " " + why.name().toLowerCase(Locale.ROOT)));
        said.add("Hits admitted while Redis was away that are not charged: " + rest);
      }
      line = said.toString();
      hits = 0;
      counters = 0;
      lost.clear();
    }
    log.info(line);
  }
}
