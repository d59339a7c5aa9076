package io.limiter.testing.history;

import java.util.List;
import java.util.Map;

/**
 * All that was asked and answered in a run.
 *
 * @param counters by their keys
 * @param events in any order
 * @param faults what happened meanwhile
 */
public record History(Map<String, Counter> counters, List<Event> events, Faults faults) {
  public History {
    counters = Map.copyOf(counters);
    events = List.copyOf(events);
  }
}
