package io.limiter.server.key;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * How values that are secrets are hashed for keys: by SHA-256, which whoever reads a key can try
 * values against, or by HMAC-SHA-256 (RFC 2104) under a secret, without which nobody can. Of either
 * the first 128 bits stand in 22 characters, behind a mark that tells which it is. Immutable; safe
 * to share between threads.
 */
public final class ValueHash {
  /** Without a secret: what stands in keys as long as none is given. */
  public static final ValueHash PLAIN = new ValueHash(null, null);

  /** No part of a key has either: both are escaped there. */
  private static final char PLAIN_MARK = '#';

  private static final char KEYED_MARK = '>';

  /**
   * What a secret is turned into the key of values by, so that it has no other use. Seals are made
   * with the secret itself, over a length and a name: never over this.
   */
  private static final String PURPOSE = "limiter values v1";

  private final @Nullable HashFunction keyed;
  private final @Nullable ValueHash before;

  private ValueHash(@Nullable HashFunction keyed, @Nullable ValueHash before) {
    this.keyed = keyed;
    this.before = before;
  }

  /**
   * With a secret, which all instances must have.
   *
   * @param secret 1 byte or more
   */
  public static ValueHash keyed(byte[] secret) {
    byte[] key =
        Hashing.hmacSha256(secret).hashString(PURPOSE, StandardCharsets.US_ASCII).asBytes();
    return new ValueHash(Hashing.hmacSha256(key), null);
  }

  /** The same while the secret is being changed: others still hash, or hashed, in another way. */
  public ValueHash after(ValueHash other) {
    return new ValueHash(keyed, other);
  }

  /** How values were hashed before; null unless the secret is being changed. */
  public @Nullable ValueHash before() {
    return before;
  }

  /** Whether it has a secret. */
  public boolean isKeyed() {
    return keyed != null;
  }

  /** What stands before the digest of a value. */
  char mark() {
    return keyed == null ? PLAIN_MARK : KEYED_MARK;
  }

  /** What stands in the place of a secret, in a key and wherever else it is told apart. */
  public String inPlaceOf(String text) {
    return mark() + digest(text);
  }

  /** 128 bits of a text's hash, in 22 characters. */
  public String digest(String text) {
    if (keyed == null) {
      return KeyText.digest(text);
    }
    byte[] all = keyed.hashString(text, StandardCharsets.UTF_8).asBytes();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(all, 16));
  }
}
