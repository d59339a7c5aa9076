package io.limiter.server.faults;

import io.limiter.server.process.Ledgers;
import java.util.HashMap;
import java.util.Map;

/** What a Redis says that it charged. */
final class Charged {
  private Charged() {}

  /** How often each question of a turn was charged that is counted on its own, by its number. */
  static Map<Long, Long> each(String uri, String turn) {
    Map<Long, Long> charged = new HashMap<>();
    Ledgers.counts(uri, "limiter:{faults|*}:each:*:" + turn + "-*")
        .forEach(
            (key, count) ->
                charged.put(Long.parseLong(key.substring(key.lastIndexOf('-') + 1)), count));
    return charged;
  }
}
