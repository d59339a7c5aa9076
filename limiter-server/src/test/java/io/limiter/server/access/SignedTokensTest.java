package io.limiter.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

@SuppressWarnings("JavaUtilDate") // as the library has it
class SignedTokensTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Tokens RSA = new Tokens("k1");
  private static final Tokens OTHER = new Tokens("k2");
  private static final ECKey EC = ec("e1");
  private static final Issuer ISSUER =
      new Issuer(
          "corp",
          Tokens.ISSUER,
          Tokens.AUDIENCE,
          URI.create("file:///jwks.json"),
          Duration.ofSeconds(30));

  private final AtomicLong now = new AtomicLong(NOW.toEpochMilli());

  private static ECKey ec(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static IssuerKeys keys(JWK... keys) {
    return new IssuerKeys(
        Map.of(
            Tokens.ISSUER,
            new IssuerKeys.Trusted(ISSUER, IssuerKeys.read(new JWKSet(List.of(keys)).toString()))));
  }

  private SignedTokens tokens(JWK... keys) {
    return new SignedTokens(keys(keys), now::get);
  }

  private static JWTClaimsSet.Builder claims() {
    return Tokens.claims("shop", NOW.plusSeconds(60));
  }

  private static String signed(JWSHeader header, JWTClaimsSet claims, JWSSigner signer) {
    try {
      SignedJWT token = new SignedJWT(header, claims);
      token.sign(signer);
      return token.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /** Any header and payload, signed as RS256 whatever the header says. */
  private static String raw(String header, String payload, RSAKey key) {
    return raw(Base64URL.encode(header).toString(), Base64URL.encode(payload).toString(), key, "");
  }

  private static String raw(String header, String payload, RSAKey key, String more) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key.toPrivateKey());
      signature.update((header + "." + payload).getBytes(StandardCharsets.US_ASCII));
      return header + "." + payload + "." + Base64URL.encode(signature.sign()) + more;
    } catch (java.security.GeneralSecurityException | JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static String payload() {
    return claims().build().toString();
  }

  private static String with(UnaryOperator<JWTClaimsSet.Builder> change) {
    return RSA.signed(change.apply(claims()).build());
  }

  private static JWSHeader.Builder header() {
    return new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1");
  }

  private static JWSSigner signer() {
    try {
      return new RSASSASigner(RSA.key());
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /** What is forged, or odd, by what it is. None is admitted. */
  private static Map<String, String> forged() throws Exception {
    Map<String, String> all = new LinkedHashMap<>();
    String good = RSA.of("shop", NOW.plusSeconds(60));
    String[] parts = good.split("\\.", -1);
    byte[] publicKey = RSA.key().toPublicKey().getEncoded();
    all.put("algorithm none", new PlainJWT(claims().build()).serialize());
    all.put("none, with a signature", new PlainJWT(claims().build()).serialize() + parts[2]);
    all.put("none in capitals", raw("{\"alg\":\"NONE\"}", payload(), RSA.key()));
    all.put(
        "HS256 with the public key as the secret",
        signed(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(),
            claims().build(),
            new MACSigner(publicKey)));
    all.put(
        "HS256 with the key's PEM as the secret",
        signed(
            new JWSHeader.Builder(JWSAlgorithm.HS256).build(),
            claims().build(),
            new MACSigner(pem(publicKey).getBytes(StandardCharsets.US_ASCII))));
    for (String other : List.of("PS256", "RS512", "ES256", "HS256", "EdDSA", "rs256", "", "x")) {
      all.put(
          "RS256 that says " + other,
          raw("{\"alg\":\"" + other + "\",\"kid\":\"k1\"}", payload(), RSA.key()));
    }
    all.put(
        "an RSA token that names the EC key",
        raw("{\"alg\":\"RS256\",\"kid\":\"e1\"}", payload(), RSA.key()));
    all.put(
        "an EC signature of zeros",
        Base64URL.encode("{\"alg\":\"ES256\",\"kid\":\"e1\"}")
            + "."
            + parts[1]
            + "."
            + Base64URL.encode(new byte[64]));
    all.put("the key of somebody else", OTHER.of("shop", NOW.plusSeconds(60)));
    all.put(
        "somebody else's key under our id",
        signed(header().build(), claims().build(), new RSASSASigner(OTHER.key())));
    all.put(
        "our key under another id",
        signed(header().keyID("k2").build(), claims().build(), signer()));
    for (String id : List.of("../../dev/null", "/etc/passwd", "' or 1=1", "k".repeat(4_000), "")) {
      all.put(
          "key id " + id.substring(0, Math.min(20, id.length())),
          signed(header().keyID(id).build(), claims().build(), signer()));
    }
    all.put(
        "a key id that is a number", raw("{\"alg\":\"RS256\",\"kid\":1}", payload(), RSA.key()));
    all.put(
        "a key of its own in the header",
        signed(
            new JWSHeader.Builder(JWSAlgorithm.RS256).jwk(OTHER.key().toPublicJWK()).build(),
            claims().build(),
            new RSASSASigner(OTHER.key())));
    all.put(
        "keys elsewhere",
        signed(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .jwkURL(java.net.URI.create("http://127.0.0.1:1/"))
                .build(),
            claims().build(),
            new RSASSASigner(OTHER.key())));
    all.put(
        "what is critical",
        raw("{\"alg\":\"RS256\",\"crit\":[\"x\"],\"x\":1}", payload(), RSA.key()));
    all.put(
        "what is critical, of those known",
        raw("{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":true}", payload(), RSA.key()));
    all.put("nothing critical", raw("{\"alg\":\"RS256\",\"crit\":[]}", payload(), RSA.key()));
    all.put("no algorithm", raw("{\"kid\":\"k1\"}", payload(), RSA.key()));
    all.put("two algorithms", raw("{\"alg\":\"none\",\"alg\":\"RS256\"}", payload(), RSA.key()));
    all.put(
        "another signature",
        parts[0] + "." + parts[1] + "." + OTHER.of("x", NOW).split("\\.", -1)[2]);
    all.put("no signature", parts[0] + "." + parts[1] + ".");
    all.put("another payload", parts[0] + "." + Base64URL.encode(payload() + " ") + "." + parts[2]);
    all.put("over", with(c -> c.expirationTime(Date.from(NOW.minusSeconds(30)))));
    all.put("without an end", with(c -> c.expirationTime(null)));
    all.put("an end of text", raw("{\"alg\":\"RS256\"}", replaced("exp", "\"soon\""), RSA.key()));
    all.put("an end below zero", raw("{\"alg\":\"RS256\"}", replaced("exp", "-1"), RSA.key()));
    all.put("not yet", with(c -> c.notBeforeTime(Date.from(NOW.plusSeconds(31)))));
    all.put("of another audience", with(c -> c.audience("others")));
    all.put("of no audience", with(c -> c.audience((String) null)));
    all.put("of an audience like ours", with(c -> c.audience("limiter2")));
    all.put("of another issuer", with(c -> c.issuer("https://evil.test")));
    all.put("of no issuer", with(c -> c.issuer(null)));
    all.put("of an issuer like ours", with(c -> c.issuer(Tokens.ISSUER + "/")));
    all.put("of no subject", with(c -> c.subject(null)));
    all.put("of an empty subject", with(c -> c.subject("")));
    all.put(
        "two subjects",
        raw("{\"alg\":\"RS256\"}", payload().replaceFirst("\\{", "{\"sub\":\"shop\","), RSA.key()));
    all.put("a payload that is no object", raw("{\"alg\":\"RS256\"}", "[1]", RSA.key()));
    all.put("a payload that is no JSON", raw("{\"alg\":\"RS256\"}", "{", RSA.key()));
    all.put(
        "deep JSON",
        raw(
            "{\"alg\":\"RS256\"}",
            "{\"a\":" + "[".repeat(2_500) + "]".repeat(2_500) + "}",
            RSA.key()));
    all.put(
        "a deep header",
        raw(
            "{\"alg\":\"RS256\",\"a\":" + "{\"a\":".repeat(700) + "1" + "}".repeat(701),
            "{}",
            RSA.key()));
    EncryptedJWT encrypted =
        new EncryptedJWT(
            new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A128GCM).build(),
            claims().build());
    encrypted.encrypt(new RSAEncrypter(RSA.key().toRSAPublicKey()));
    all.put("encrypted", encrypted.serialize());
    all.put("a token in a token", raw("{\"alg\":\"RS256\",\"cty\":\"JWT\"}", good, RSA.key()));
    all.put("padded", good + "=");
    all.put("with other bits at its end", changedEnd(good));
    all.put("with a sign that is no base64", good + "!");
    all.put("with more parts", good + ".x");
    all.put(
        "with a header of another alphabet",
        raw(
            Base64.getEncoder()
                .encodeToString(
                    "{\"alg\":\"RS256\",\"x\":\"\u00ff\u00fe?>\"}"
                        .getBytes(StandardCharsets.ISO_8859_1)),
            parts[1],
            RSA.key(),
            ""));
    return all;
  }

  /** 256 bytes leave 4 bits of the last letter that say nothing. */
  private static String changedEnd(String token) {
    String letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = letters.indexOf(token.charAt(token.length() - 1));
    return token.substring(0, token.length() - 1) + letters.charAt(last ^ 1);
  }

  private static String replaced(String claim, String value) {
    return payload().replaceFirst("\"" + claim + "\":[^,}]+", "\"" + claim + "\":" + value);
  }

  private static String pem(byte[] key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
        + "\n-----END PUBLIC KEY-----\n";
  }

  @TestFactory
  Stream<DynamicTest> whatIsForged_isRefused() throws Exception {
    SignedTokens tokens = tokens(RSA.key().toPublicJWK(), EC.toPublicJWK());
    return forged().entrySet().stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.getKey(),
                    () -> {
                      AccessException refused =
                          assertThrows(AccessException.class, () -> tokens.verify(one.getValue()));
                      assertEquals(AccessException.Kind.UNAUTHENTICATED, refused.kind());
                      assertFalse(String.valueOf(refused.getMessage()).contains(one.getValue()));
                    }));
  }

  @Test
  void whatIsGood_isAdmitted_ofEveryAlgorithm() throws Exception {
    SignedTokens tokens = tokens(RSA.key().toPublicJWK(), EC.toPublicJWK());
    for (JWSAlgorithm algorithm :
        List.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512)) {
      for (String id : new String[] {"k1", null}) {
        JWSHeader header = new JWSHeader.Builder(algorithm).keyID(id).build();
        assertEquals("shop", tokens.verify(signed(header, claims().build(), signer())).subject());
      }
    }
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("e1").build();
    String byEc = signed(header, claims().build(), new ECDSASigner(EC));
    assertEquals("shop", tokens.verify(byEc).subject());
    assertEquals(
        "shop", tokens.verify(with(c -> c.audience(List.of("a", Tokens.AUDIENCE)))).subject());
  }

  @Test
  void aKeyOfOneAlgorithm_isUsedForNoOther() throws Exception {
    SignedTokens tokens =
        tokens(new RSAKey.Builder(RSA.key().toPublicJWK()).algorithm(JWSAlgorithm.PS256).build());
    JWSHeader other = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build();
    assertThrows(
        AccessException.class, () -> tokens.verify(signed(other, claims().build(), signer())));
    JWSHeader its = new JWSHeader.Builder(JWSAlgorithm.PS256).keyID("k1").build();
    assertEquals("shop", tokens.verify(signed(its, claims().build(), signer())).subject());
  }

  @Test
  void pem_isTriedWhateverTheTokenNames_alsoTwoInOneFile() throws Exception {
    String two = pem(RSA.key().toPublicKey().getEncoded()) + pem(EC.toPublicKey().getEncoded());
    SignedTokens tokens =
        new SignedTokens(
            new IssuerKeys(
                Map.of(Tokens.ISSUER, new IssuerKeys.Trusted(ISSUER, IssuerKeys.read(two)))),
            now::get);
    assertEquals("shop", tokens.verify(RSA.of("shop", NOW.plusSeconds(60))).subject());
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("e1").build();
    assertEquals(
        "shop", tokens.verify(signed(header, claims().build(), new ECDSASigner(EC))).subject());
    assertThrows(AccessException.class, () -> tokens.verify(OTHER.of("shop", NOW.plusSeconds(60))));
  }

  @Test
  void aKeyThatIsTakenAway_isTrustedNoMore_alsoForWhatItSignedBefore() {
    SignedTokens tokens = tokens(RSA.key().toPublicJWK());
    Credential.Signed first = tokens.verify(RSA.of("shop", NOW.plusSeconds(60)));
    assertThrows(AccessException.class, () -> tokens.verify(OTHER.of("shop", NOW.plusSeconds(60))));
    tokens.update(keys(RSA.key().toPublicJWK(), OTHER.key().toPublicJWK()));
    Credential.Signed second = tokens.verify(OTHER.of("shop", NOW.plusSeconds(60)));
    assertTrue(tokens.trusts(first));
    tokens.update(keys(OTHER.key().toPublicJWK()));
    assertFalse(tokens.trusts(first));
    assertTrue(tokens.trusts(second));
    assertThrows(AccessException.class, () -> tokens.verify(RSA.of("shop", NOW.plusSeconds(60))));
  }

  @Test
  void clocksMayDiffer_byTheLeewayAndNoMore() {
    SignedTokens tokens = tokens(RSA.key().toPublicJWK());
    String token = RSA.of("shop", NOW);
    now.set(NOW.plusMillis(29_999).toEpochMilli());
    assertEquals(NOW.plusSeconds(30).toEpochMilli(), tokens.verify(token).untilMillis());
    now.set(NOW.plusSeconds(30).toEpochMilli());
    AccessException over = assertThrows(AccessException.class, () -> tokens.verify(token));
    assertEquals("the token is signed, but it is over (exp); get a new one", over.getMessage());
    now.set(NOW.toEpochMilli());
    assertEquals(
        "shop",
        tokens.verify(with(c -> c.notBeforeTime(Date.from(NOW.plusSeconds(30))))).subject());
  }

  @Test
  void anAskerWhoseTokenIsOver_mayNothingMore() {
    KnownCaller caller =
        new KnownCaller(
            "shop",
            List.of(),
            List.of(),
            List.of(new KnownCaller.Subject("corp", "shop")),
            Set.of(),
            List.of(new Grant(Set.of(Method.CHECK), List.of("*"))),
            CallerLimits.NONE);
    try (Access access =
        new Access(
            new AccessTable(List.of(caller), List.of(ISSUER)),
            keys(RSA.key().toPublicJWK()),
            new Seal(List.of(new byte[32])),
            AccessListener.NONE,
            now::get,
            System::nanoTime)) {
      Asker asker =
          access.known(new Shown(List.of(), RSA.of("shop", NOW), java.util.OptionalInt.empty()));
      assertTrue(asker != null && asker.may(Method.CHECK, "a"));
      byte[] sealed = asker.sealed(new byte[] {1});
      now.set(NOW.plusSeconds(30).toEpochMilli());
      assertFalse(asker.may(Method.CHECK, "a"));
      assertThrows(AccessException.class, () -> asker.require(Method.CHECK, "a"));
      // What it asked for before is not handed to whoever shows nothing.
      assertEquals("shop", asker.name());
      assertTrue(asker.opened(sealed) != null);
    }
  }
}
