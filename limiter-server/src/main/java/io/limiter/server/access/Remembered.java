package io.limiter.server.access;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was used last, so many. Safe to use from any thread. */
final class Remembered<V> {
  private final Map<String, V> values;

  Remembered(int most) {
    values =
        new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > most;
          }
        };
  }

  synchronized @Nullable V get(String key) {
    return values.get(key);
  }

  synchronized void put(String key, V value) {
    values.put(key, value);
  }

  synchronized void clear() {
    values.clear();
  }
}
