package io.limiter.server.access;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * The slow hash of a secret: PBKDF2 (RFC 8018) with HMAC-SHA-512, as {@code
 * pbkdf2-sha512:ITERATIONS:SALT:HASH}, both in base64 for URLs. Whoever reads it finds no secret in
 * it without trying.
 */
public final class SecretHash {
  /** What OWASP's password storage cheat sheet asks of PBKDF2-HMAC-SHA512. */
  public static final int ITERATIONS = 210_000;

  private static final int LEAST_ITERATIONS = 10_000;
  private static final int MOST_ITERATIONS = 2_000_000;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final Pattern FORM =
      Pattern.compile("pbkdf2-sha512:([0-9]{1,7}):([A-Za-z0-9_-]{22,88}):([A-Za-z0-9_-]{43})");

  private SecretHash() {}

  /** A hash of a secret, with a salt of its own. */
  public static String of(String secret, SecureRandom random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return "pbkdf2-sha512:%d:%s:%s"
        .formatted(ITERATIONS, text(salt), text(derived(secret, ITERATIONS, salt)));
  }

  /** Whether a secret is the one of a hash. Takes as long whatever it is. */
  static boolean matches(String secret, String hash) {
    Matcher parts = FORM.matcher(hash);
    if (!parts.matches()) {
      return false;
    }
    byte[] salt = Base64.getUrlDecoder().decode(parts.group(2));
    byte[] found = derived(secret, Integer.parseInt(parts.group(1)), salt);
    return MessageDigest.isEqual(found, Base64.getUrlDecoder().decode(parts.group(3)));
  }

  /** What is wrong with the text of a hash; empty if nothing is. The text is not repeated. */
  public static Optional<String> problem(String hash) {
    Matcher parts = FORM.matcher(hash);
    if (!parts.matches()) {
      return Optional.of(
          "is not the hash of a token; make both with: limiter access token --caller NAME");
    }
    int iterations = Integer.parseInt(parts.group(1));
    if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
      return Optional.of(
          "has %d iterations; use %d to %d"
              .formatted(iterations, LEAST_ITERATIONS, MOST_ITERATIONS));
    }
    return Optional.empty();
  }

  private static byte[] derived(String secret, int iterations, byte[] salt) {
    char[] password = secret.toCharArray();
    PBEKeySpec spec = new PBEKeySpec(password, salt, iterations, HASH_BYTES * Byte.SIZE);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no PBKDF2", e);
    } finally {
      spec.clearPassword();
      Arrays.fill(password, '\0');
    }
  }

  private static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
