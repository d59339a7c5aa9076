package io.limiter.script;

import io.limiter.algorithm.Algorithm;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the keys and arguments of one call of the {@code release} script, counter by counter. The
 * layout is described at the head of {@code release.lua}. Not safe to share between threads.
 */
public final class ReleaseArguments {
  private final List<String> keys = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();

  /**
   * Gives back to a counter.
   *
   * @param windowEndMicros the end of the fixed window that it was charged to; 0 of a bucket
   * @param notAfterMicros the latest time by Redis at which it may be given back
   */
  public void counter(
      String key, Algorithm algorithm, long tokens, long windowEndMicros, long notAfterMicros) {
    keys.add(key);
    arguments.add(String.valueOf(algorithm.letter()));
    arguments.add(Long.toString(tokens));
    arguments.add(Long.toString(windowEndMicros));
    arguments.add(Long.toString(notAfterMicros));
  }

  /** The call's KEYS. */
  public List<String> keys() {
    return keys;
  }

  /** The call's ARGV. */
  public List<String> arguments() {
    return arguments;
  }
}
