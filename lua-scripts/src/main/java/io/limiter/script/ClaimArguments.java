package io.limiter.script;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes the keys and arguments of one call of the {@code claim} script, question by question. The
 * layout is described at the head of {@code claim.lua}. Not safe to share between threads.
 */
public final class ClaimArguments {
  private final List<String> keys = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();

  /**
   * Claims a question.
   *
   * @param key its idempotency record
   * @param fingerprint what was asked
   * @param name that no other claim has; the same when this one is sent again
   */
  public void question(String key, String fingerprint, String name) {
    keys.add(key);
    arguments.add(fingerprint);
    arguments.add(name);
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
