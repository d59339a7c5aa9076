package io.limiter.server.key;

import java.security.SecureRandom;

/**
 * Hashes texts with a secret of this process. So nobody can choose texts that are equal in hash, as
 * is easily done for {@link String#hashCode}: {@code Aa} and {@code BB}. Equal texts have equal
 * hashes in one process, and others in the next: never store one.
 */
public final class SeededHash {
  private static final long START;
  private static final long FACTOR;

  static {
    SecureRandom random = new SecureRandom();
    START = random.nextLong();
    FACTOR = random.nextLong() | 1;
  }

  private SeededHash() {}

  /** The hash of a text; takes time linear in it, about as long as {@link String#hashCode}. */
  public static int of(String text) {
    long hash = START + text.length();
    int whole = text.length() & ~3;
    int at = 0;
    for (; at < whole; at += 4) {
      long four =
          text.charAt(at)
              | ((long) text.charAt(at + 1) << 16)
              | ((long) text.charAt(at + 2) << 32)
              | ((long) text.charAt(at + 3) << 48);
      hash = mixed(hash ^ four);
    }
    for (; at < text.length(); at++) {
      hash = mixed(hash ^ text.charAt(at));
    }
    hash = mixed(hash);
    return (int) (hash ^ (hash >>> Integer.SIZE));
  }

  /** Both halves of the product with the secret: every bit depends on all. */
  private static long mixed(long bits) {
    return Math.multiplyHigh(bits, FACTOR) ^ (bits * FACTOR);
  }
}
