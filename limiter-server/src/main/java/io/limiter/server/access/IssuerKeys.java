package io.limiter.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.List;
import java.util.Map;

/**
 * The public keys of those who sign tokens. Immutable.
 *
 * @param issuers by what their tokens have as {@code iss}
 */
public record IssuerKeys(Map<String, Trusted> issuers) {
  /** Of no issuer. */
  public static final IssuerKeys NONE = new IssuerKeys(Map.of());

  private static final int LEAST_RSA_BITS = 2048;
  private static final String PEM = "-----BEGIN ";

  public IssuerKeys {
    issuers = Map.copyOf(issuers);
  }

  /** An issuer and its keys, one or more. */
  public record Trusted(Issuer issuer, List<JWK> keys) {
    public Trusted {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Reads keys: a JWKS document, or PEM of one public key or certificate.
   *
   * @throws IllegalArgumentException if there is none that signs; the message says what is wrong
   *     and what to do, and holds nothing of the text
   */
  public static List<JWK> read(String text) {
    List<JWK> all;
    try {
      all =
          text.stripLeading().startsWith(PEM)
              ? List.of(JWK.parseFromPEMEncodedObjects(text))
              : JWKSet.parse(text).getKeys();
    } catch (ParseException | JOSEException | RuntimeException unreadable) {
      throw new IllegalArgumentException(
          "holds no keys; name a JWKS document, or PEM of a public key", unreadable);
    }
    if (all.stream().anyMatch(JWK::isPrivate)) {
      throw new IllegalArgumentException(
          "holds a private key, which only the issuer may have; name its public keys");
    }
    List<JWK> signing =
        all.stream()
            .filter(key -> key instanceof RSAKey || key instanceof ECKey)
            .filter(key -> key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
            .toList();
    if (signing.stream().anyMatch(key -> key instanceof RSAKey && key.size() < LEAST_RSA_BITS)) {
      throw new IllegalArgumentException(
          "holds an RSA key of less than %d bits, which can be broken; have the issuer change it"
              .formatted(LEAST_RSA_BITS));
    }
    if (signing.isEmpty()) {
      throw new IllegalArgumentException(
          "holds no public key for signatures; name a document with RSA or EC keys");
    }
    return signing;
  }
}
