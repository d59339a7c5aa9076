package io.limiter.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.nimbusds.jose.util.Base64URL;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tokens that were made of good ones at random: {@code -Daccess.forgeries=1000000} for more of them
 * than 100,000, with {@code -Dlimiter.test.seed=7} others.
 */
@Timeout(600)
class ForgeriesTest {
  private static final int FORGERIES = Integer.getInteger("access.forgeries", 100_000);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String SIGNS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ !\u0000\u007f\u00e9";
  private static final String[] HEADERS = {
    "{\"alg\":\"none\"}",
    "{\"alg\":\"HS256\",\"kid\":\"k1\"}",
    "{\"alg\":\"PS256\",\"kid\":\"k1\"}",
    "{\"alg\":\"ES256\",\"kid\":\"k1\"}",
    "{\"alg\":\"RS256\",\"kid\":\"k2\"}",
    "{\"alg\":\"RS256\",\"crit\":[\"exp\"]}",
    "{\"alg\":\"RS256\",\"b64\":false}",
    "{}",
    "[]"
  };

  private final SplittableRandom random =
      new SplittableRandom(Long.getLong("limiter.test.seed", 1L));

  @Test
  void noneIsAdmitted_andNoOtherExceptionIsThrown() {
    Tokens issuer = new Tokens("k1");
    List<String> good =
        List.of(issuer.of("shop", NOW.plusSeconds(60)), "shop.secret", "idle.another");
    List<String> seeds =
        List.of(
            good.get(0),
            good.get(1),
            good.get(2),
            issuer.of("shop", NOW.minusSeconds(60)),
            new Tokens("k1").of("shop", NOW.plusSeconds(60)),
            "nobody.secret");
    AtomicInteger hashes = new AtomicInteger();
    Set<String> secrets = new HashSet<>();
    try (Access access = access(issuer, hashes)) {
      good.forEach(token -> assertTrue(isAdmitted(access, token), token));
      int before = hashes.get();
      for (int i = 0; i < FORGERIES; i++) {
        String token = forged(seeds);
        if (token.isEmpty() || good.contains(token)) {
          continue;
        }
        if (!SignedTokens.isMeant(token)) {
          secrets.add(token);
        }
        if (isAdmitted(access, token)) {
          fail("admitted: " + token);
        }
      }
      // Each once at most. What is signed is never hashed.
      int made = hashes.get() - before;
      assertTrue(made > 0 && made <= secrets.size(), made + " hashes for " + secrets.size());
      good.forEach(token -> assertTrue(isAdmitted(access, token), token));
      assertEquals(made, hashes.get() - before, "the good ones are still remembered");
    }
  }

  private static boolean isAdmitted(Access access, String token) {
    Shown shown = new Shown(List.of(), token, OptionalInt.empty());
    try {
      Asker asker = access.known(shown);
      asker = asker == null ? access.verify(shown).join() : asker;
      return asker.may(Method.CHECK, "shop");
    } catch (AccessException refused) {
      return false;
    } catch (CompletionException failed) {
      assertInstanceOf(AccessException.class, failed.getCause(), token);
      return false;
    }
  }

  private static Access access(Tokens issuer, AtomicInteger hashes) {
    Issuer corp =
        new Issuer(
            "corp",
            Tokens.ISSUER,
            Tokens.AUDIENCE,
            URI.create("file:///jwks.json"),
            Duration.ofSeconds(30));
    List<Grant> all = List.of(new Grant(Set.of(Method.values()), List.of("*")));
    List<KnownCaller> callers =
        List.of(
            new KnownCaller(
                "shop",
                List.of(),
                List.of("secret"),
                List.of(new KnownCaller.Subject("corp", "shop")),
                Set.of(),
                all,
                CallerLimits.NONE),
            new KnownCaller(
                "idle",
                List.of(),
                List.of("another"),
                List.of(),
                Set.of(),
                all,
                CallerLimits.NONE));
    return new Access(
        new AccessTable(callers, List.of(corp)),
        new IssuerKeys(
            Map.of(Tokens.ISSUER, new IssuerKeys.Trusted(corp, IssuerKeys.read(issuer.jwks())))),
        new Seal(List.of(new byte[32])),
        AccessListener.NONE,
        NOW::toEpochMilli,
        System::nanoTime,
        (secret, hash) -> {
          hashes.incrementAndGet();
          return secret.equals(hash);
        });
  }

  private String forged(List<String> seeds) {
    String token = seeds.get(random.nextInt(seeds.size()));
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      token = changed(token, seeds);
    }
    return token;
  }

  private String changed(String token, List<String> seeds) {
    int at = token.isEmpty() ? 0 : random.nextInt(token.length());
    String[] parts = token.split("\\.", -1);
    return switch (random.nextInt(9)) {
      case 0 -> token.isEmpty() ? "" : token.substring(0, at) + sign() + token.substring(at + 1);
      case 1 -> token.substring(0, at) + sign() + token.substring(at);
      case 2 -> token.isEmpty() ? "" : token.substring(0, at) + token.substring(at + 1);
      case 3 -> token.substring(0, at);
      case 4 -> token + sign();
      case 5 -> {
        parts[0] = Base64URL.encode(HEADERS[random.nextInt(HEADERS.length)]).toString();
        yield String.join(".", parts);
      }
      case 6 -> {
        String[] others = seeds.get(random.nextInt(seeds.size())).split("\\.", -1);
        int part = random.nextInt(Math.min(parts.length, others.length));
        parts[part] = others[part];
        yield String.join(".", parts);
      }
      case 7 -> {
        int part = random.nextInt(parts.length);
        byte[] bytes = new Base64URL(parts[part]).decode();
        if (bytes.length > 0) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        parts[part] = Base64URL.encode(bytes).toString();
        yield String.join(".", parts);
      }
      default -> {
        byte[] noise = new byte[1 + random.nextInt(200)];
        random.nextBytes(noise);
        yield random.nextBoolean()
            ? token + "." + Base64URL.encode(noise)
            : new String(noise, StandardCharsets.ISO_8859_1) + token;
      }
    };
  }

  private char sign() {
    return SIGNS.charAt(random.nextInt(SIGNS.length()));
  }
}
