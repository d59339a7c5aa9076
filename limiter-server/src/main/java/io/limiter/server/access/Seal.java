package io.limiter.server.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Binds what callers are handed to them, so that nobody uses another's and nobody changes it: the
 * first 16 bytes of HMAC-SHA-256 (RFC 2104) over the caller's name and the bytes stand behind
 * these. Immutable, so safe to use from any thread.
 */
public final class Seal {
  /** How much longer what is sealed is. */
  public static final int BYTES = 16;

  private static final String ALGORITHM = "HmacSHA256";

  private final List<SecretKeySpec> keys;

  /**
   * A seal.
   *
   * @param secrets one or more, not empty: the first seals, and all open, so that a secret can be
   *     changed while what it sealed is still out
   */
  public Seal(List<byte[]> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("there is no secret; give one or more");
    }
    keys = secrets.stream().map(secret -> new SecretKeySpec(secret, ALGORITHM)).toList();
  }

  /** The bytes, sealed for a caller. */
  byte[] seal(String caller, byte[] bytes) {
    byte[] sealed = Arrays.copyOf(bytes, bytes.length + BYTES);
    System.arraycopy(mac(keys.get(0), caller, bytes), 0, sealed, bytes.length, BYTES);
    return sealed;
  }

  /** What was sealed for a caller; null if this was not. */
  byte @Nullable [] open(String caller, byte[] sealed) {
    if (sealed.length < BYTES) {
      return null;
    }
    byte[] bytes = Arrays.copyOf(sealed, sealed.length - BYTES);
    byte[] mac = Arrays.copyOfRange(sealed, bytes.length, sealed.length);
    for (SecretKeySpec key : keys) {
      if (MessageDigest.isEqual(mac, Arrays.copyOf(mac(key, caller, bytes), BYTES))) {
        return bytes;
      }
    }
    return null;
  }

  private static byte[] mac(SecretKeySpec key, String caller, byte[] bytes) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] name = caller.getBytes(StandardCharsets.UTF_8);
      // No name is as long as 256 bytes, so no two callers' bytes can be taken for each other's.
      mac.update((byte) name.length);
      mac.update(name);
      return mac.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HMAC", e);
    }
  }
}
