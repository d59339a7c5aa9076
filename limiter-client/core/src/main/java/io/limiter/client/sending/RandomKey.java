package io.limiter.client.sending;

import java.security.SecureRandom;
import java.util.Base64;

/** Idempotency keys for questions that were given none: 128 random bits, in 22 letters. */
public final class RandomKey {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 16;

  private RandomKey() {}

  /** Another one. */
  public static String next() {
    byte[] key = new byte[BYTES];
    RANDOM.nextBytes(key);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(key);
  }
}
