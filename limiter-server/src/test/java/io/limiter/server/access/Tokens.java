package io.limiter.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;

/** Signs tokens as an issuer does, and hashes secrets as the program does. */
public final class Tokens {
  public static final String ISSUER = "https://id.test";
  public static final String AUDIENCE = "limiter";

  private final RSAKey key;

  /** An issuer with a key of its own. */
  public Tokens(String keyId) {
    try {
      key = new RSAKeyGenerator(2048).keyID(keyId).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  public RSAKey key() {
    return key;
  }

  /** Its public keys. */
  public String jwks() {
    return new JWKSet(key).toString();
  }

  /** What a good token says. */
  @SuppressWarnings("JavaUtilDate") // as the library has it
  public static JWTClaimsSet.Builder claims(String subject, Instant until) {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject(subject)
        .expirationTime(Date.from(until));
  }

  /** A token of a subject. */
  public String of(String subject, Instant until) {
    return signed(claims(subject, until).build());
  }

  public String signed(JWTClaimsSet claims) {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims);
    try {
      token.sign(new RSASSASigner(key));
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
    return token.serialize();
  }

  /** The hash of a secret. */
  public static String hash(String secret) {
    return SecretHash.of(secret, new SecureRandom());
  }
}
