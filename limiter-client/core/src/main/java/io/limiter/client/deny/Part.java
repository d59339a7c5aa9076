package io.limiter.client.deny;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Some of the cached denials, within bounds: what was used least recently goes first. Thread-safe.
 */
final class Part {
  private final int mostEntries;
  private final long mostBytes;

  /** From the least to the most recently used. */
  @GuardedBy("this")
  private final Map<String, Denial> denials = new LinkedHashMap<>(16, 0.75f, true);

  @GuardedBy("this")
  private long bytes;

  Part(int mostEntries, long mostBytes) {
    this.mostEntries = mostEntries;
    this.mostBytes = mostBytes;
  }

  synchronized @Nullable Denial get(String key) {
    return denials.get(key);
  }

  synchronized void put(String key, Denial denial) {
    Denial former = denials.put(key, denial);
    bytes += bytes(key, denial) - (former == null ? 0 : bytes(key, former));
    Iterator<Map.Entry<String, Denial>> oldest = denials.entrySet().iterator();
    while (denials.size() > mostEntries || bytes > mostBytes) {
      Map.Entry<String, Denial> next = oldest.next();
      bytes -= bytes(next.getKey(), next.getValue());
      oldest.remove();
    }
  }

  synchronized void remove(String key, Denial denial) {
    if (denials.remove(key, denial)) {
      bytes -= bytes(key, denial);
    }
  }

  synchronized void clear() {
    denials.clear();
    bytes = 0;
  }

  synchronized int size() {
    return denials.size();
  }

  private static long bytes(String key, Denial denial) {
    return (long) key.length() + denial.bytes();
  }
}
