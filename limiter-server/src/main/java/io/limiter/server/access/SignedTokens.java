package io.limiter.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Verifies JSON Web Tokens (RFC 7519, with the advice of RFC 8725). Which algorithms are taken is
 * said here, and by the kind of key: nothing that a token says chooses between a public key and a
 * shared secret. Key ids are compared, and used for nothing else. What was verified is remembered,
 * by a digest. Safe to use from any thread.
 */
final class SignedTokens {
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);
  private static final int MOST_REMEMBERED = 10_000;

  /** The most keys of an issuer that are tried for a token that names none. */
  private static final int MOST_TRIED = 4;

  private final LongSupplier nowMillis;
  private final Digests digests = new Digests();
  private final Remembered<Credential.Signed> right = new Remembered<>(MOST_REMEMBERED);
  private final DefaultJWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();
  private volatile IssuerKeys keys;

  /** The names of issuers, and behind each those of its keys: looked up for every question. */
  private volatile Map<String, Set<String>> trusted;

  SignedTokens(IssuerKeys keys, LongSupplier nowMillis) {
    this.keys = keys;
    this.trusted = names(keys);
    this.nowMillis = nowMillis;
  }

  private static Map<String, Set<String>> names(IssuerKeys keys) {
    return keys.issuers().values().stream()
        .collect(
            Collectors.toUnmodifiableMap(
                one -> one.issuer().name(),
                one ->
                    one.keys().stream()
                        .map(SignedTokens::name)
                        .collect(Collectors.toUnmodifiableSet())));
  }

  /** Whether a token is meant to be signed: it has three parts, and begins as JSON does. */
  static boolean isMeant(String token) {
    return token.startsWith("eyJ") && token.chars().filter(c -> c == '.').count() == 2;
  }

  void update(IssuerKeys changed) {
    keys = changed;
    trusted = names(changed);
    right.clear();
  }

  /** Whether the key is still trusted that a token was verified with. */
  boolean trusts(Credential.Signed verified) {
    return trusted.getOrDefault(verified.issuer(), Set.of()).contains(verified.key());
  }

  /**
   * Whose token it is.
   *
   * @throws AccessException if it is not to be trusted; the message says why as far as that helps
   *     its owner
   */
  Credential.Signed verify(String token) {
    String digest = digests.of(token);
    Credential.Signed known = right.get(digest);
    if (known != null && nowMillis.getAsLong() < known.untilMillis()) {
      return known;
    }
    Credential.Signed verified;
    try {
      SignedJWT parsed = SignedJWT.parse(token);
      for (Base64URL part : parsed.getParsedParts()) {
        // Else a signature has many forms, of which a list of revoked tokens knows one.
        if (!Base64URL.encode(part.decode()).equals(part)) {
          throw SecretTokens.refused();
        }
      }
      verified = verified(parsed);
    } catch (ParseException | JOSEException | RuntimeException notOne) {
      if (notOne instanceof AccessException refused) {
        throw refused;
      }
      throw SecretTokens.refused();
    }
    right.put(digest, verified);
    return verified;
  }

  private Credential.Signed verified(SignedJWT token) throws ParseException, JOSEException {
    JWSHeader header = token.getHeader();
    JWTClaimsSet claims = token.getJWTClaimsSet();
    IssuerKeys.Trusted issuer =
        claims.getIssuer() == null ? null : keys.issuers().get(claims.getIssuer());
    JWK key = issuer == null ? null : key(token, issuer.keys());
    if (issuer == null || key == null || header.getCriticalParams() != null) {
      throw SecretTokens.refused();
    }
    return new Credential.Signed(
        issuer.issuer().name(),
        name(key),
        subject(claims),
        judged(claims, issuer.issuer(), nowMillis.getAsLong()));
  }

  /** The key that it is signed with. */
  private @Nullable JWK key(SignedJWT token, List<JWK> all) throws JOSEException {
    JWSHeader header = token.getHeader();
    if (!ALGORITHMS.contains(header.getAlgorithm())) {
      return null;
    }
    String id = header.getKeyID();
    List<JWK> fitting =
        all.stream()
            .filter(key -> id == null || key.getKeyID() == null || id.equals(key.getKeyID()))
            .filter(
                key ->
                    key.getAlgorithm() == null || key.getAlgorithm().equals(header.getAlgorithm()))
            .limit(MOST_TRIED)
            .toList();
    for (JWK key : fitting) {
      if (isBy(token, key)) {
        return key;
      }
    }
    return null;
  }

  private boolean isBy(SignedJWT token, JWK key) throws JOSEException {
    JWSVerifier verifier;
    try {
      verifier =
          verifiers.createJWSVerifier(token.getHeader(), ((AsymmetricJWK) key).toPublicKey());
    } catch (JOSEException otherKind) {
      return false;
    }
    return token.verify(verifier);
  }

  private static String subject(JWTClaimsSet claims) {
    String subject = claims.getSubject();
    if (subject == null || subject.isEmpty()) {
      throw refused("it names no subject (sub)");
    }
    return subject;
  }

  /** Whether it is for this service, and now. Returns when it is over. */
  private static long judged(JWTClaimsSet claims, Issuer issuer, long nowMillis) {
    if (!claims.getAudience().contains(issuer.audience())) {
      throw refused("it is for another audience (aud) than " + issuer.audience());
    }
    long leeway = issuer.leeway().toMillis();
    if (claims.getExpirationTime() == null) {
      throw refused("it does not say when it is over (exp)");
    }
    long until = claims.getExpirationTime().toInstant().toEpochMilli();
    long over = until > Long.MAX_VALUE - leeway ? Long.MAX_VALUE : until + leeway;
    if (nowMillis >= over) {
      throw refused("it is over (exp); get a new one");
    }
    if (claims.getNotBeforeTime() != null
        && claims.getNotBeforeTime().toInstant().toEpochMilli() > nowMillis + leeway) {
      throw refused("it is not valid yet (nbf); compare the clocks");
    }
    return over;
  }

  /** Said of tokens whose signature is right alone. */
  private static AccessException refused(String why) {
    return new AccessException(
        AccessException.Kind.UNAUTHENTICATED, "the token is signed, but " + why);
  }

  private static String name(JWK key) {
    try {
      return key.computeThumbprint().toString();
    } catch (JOSEException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
