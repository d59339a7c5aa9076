package io.limiter.server.access;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([^-]+)-----END \\1-----");

  public IssuerKeys {
    issuers = Map.copyOf(issuers);
  }

  /** An issuer and its keys; none until they were to be had. */
  public record Trusted(Issuer issuer, List<JWK> keys) {
    public Trusted {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Reads keys: a JWKS document, or PEM of public keys or certificates.
   *
   * @throws IllegalArgumentException if there is none that signs; the message says what is wrong
   *     and what to do, and holds nothing of the text
   */
  public static List<JWK> read(String text) {
    List<JWK> all;
    try {
      all = text.stripLeading().startsWith(PEM) ? pem(text) : JWKSet.parse(text).getKeys();
    } catch (PrivateKeyException e) {
      throw e;
    } catch (ParseException | GeneralSecurityException | RuntimeException unreadable) {
      throw new IllegalArgumentException(
          "holds no keys; name a JWKS document, or PEM of a public key", unreadable);
    }
    if (all.stream().anyMatch(JWK::isPrivate)) {
      throw new PrivateKeyException();
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

  /**
   * Public keys and certificates, one or more. PEM has no ids of keys, so a token that names one is
   * tried with them all.
   */
  private static List<JWK> pem(String text) throws GeneralSecurityException {
    if (text.contains("PRIVATE KEY-----")) {
      throw new PrivateKeyException();
    }
    List<JWK> keys = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text);
    while (blocks.find()) {
      byte[] bytes = Base64.getMimeDecoder().decode(blocks.group(2));
      key(blocks.group(1).equals("CERTIFICATE")
              ? CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(bytes))
                  .getPublicKey()
              : publicKey(bytes))
          .ifPresent(keys::add);
    }
    return keys;
  }

  private static PublicKey publicKey(byte[] bytes) throws GeneralSecurityException {
    X509EncodedKeySpec encoded = new X509EncodedKeySpec(bytes);
    try {
      return KeyFactory.getInstance("RSA").generatePublic(encoded);
    } catch (InvalidKeySpecException other) {
      return KeyFactory.getInstance("EC").generatePublic(encoded);
    }
  }

  private static Optional<JWK> key(PublicKey key) {
    if (key instanceof RSAPublicKey rsa) {
      return Optional.of(new RSAKey.Builder(rsa).build());
    }
    return key instanceof ECPublicKey ec
        ? Optional.ofNullable(Curve.forECParameterSpec(ec.getParams()))
            .map(curve -> new ECKey.Builder(curve, ec).build())
        : Optional.empty();
  }

  private static final class PrivateKeyException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    PrivateKeyException() {
      super("holds a private key, which only the issuer may have; name its public keys");
    }
  }
}
