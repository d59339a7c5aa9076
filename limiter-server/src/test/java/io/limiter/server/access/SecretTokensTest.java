package io.limiter.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SecretTokensTest {
  private final AtomicReference<AccessTable> table =
      new AtomicReference<>(table(caller("shop", "h1"), caller("two", "h2", "h3"), caller("idle")));
  private final AtomicInteger hashes = new AtomicInteger();
  private final List<String> hashed = new ArrayList<>();

  /** A hash that takes no time: the secret of "h1" is "secret-of-h1". */
  private boolean quick(String secret, String hash) {
    hashes.incrementAndGet();
    hashed.add(hash);
    return secret.equals("secret-of-" + hash);
  }

  private static KnownCaller caller(String name, String... hashes) {
    return new KnownCaller(
        name, List.of(), List.of(hashes), List.of(), Set.of(), List.of(), CallerLimits.NONE);
  }

  private static AccessTable table(KnownCaller... callers) {
    return new AccessTable(List.of(callers), List.of());
  }

  private static AccessException refusal(CompletableFuture<Credential> verified) {
    return assertInstanceOf(
        AccessException.class, assertThrows(CompletionException.class, verified::join).getCause());
  }

  @Test
  void aSecret_isThatOfItsHashAlone() {
    String hash = SecretHash.of("secret", new SecureRandom());
    assertTrue(hash.startsWith("pbkdf2-sha512:" + SecretHash.ITERATIONS + ":"), hash);
    assertTrue(SecretHash.problem(hash).isEmpty());
    assertTrue(SecretHash.matches("secret", hash));
    assertNotEquals(hash, SecretHash.of("secret", new SecureRandom()), "each has its own salt");
    for (String other : List.of("", "Secret", "secret ", "secre", "secrets", hash, "sëcret")) {
      assertFalse(SecretHash.matches(other, hash), other);
    }
    assertFalse(SecretHash.matches("secret", "plain"));
  }

  @Test
  void aHashMadeElsewhere_isKnown() {
    // Of Python: hashlib.pbkdf2_hmac("sha512", b"correct horse", b"0123456789abcdef", 10000, 32)
    assertTrue(
        SecretHash.matches(
            "correct horse",
            "pbkdf2-sha512:10000:MDEyMzQ1Njc4OWFiY2RlZg:Ku2kkJn6DxC9USh74Agbkv4vbBI4ZhZ8d47MX26bL_c"));
  }

  @Test
  void whoIsNotKnown_takesAHashAsWell() {
    try (SecretTokens tokens = new SecretTokens(table::get, this::quick)) {
      for (String token :
          List.of("nobody.secret", "shop.wrong", "idle.secret", "withoutdot", ".secret", "shop.")) {
        int before = hashes.get();
        assertEquals(AccessException.Kind.UNAUTHENTICATED, refusal(tokens.verify(token)).kind());
        assertEquals(1, hashes.get() - before, token);
      }
      int before = hashes.get();
      refusal(tokens.verify("two.wrong"));
      assertEquals(2, hashes.get() - before, "one for each of its hashes");
      assertTrue(hashed.stream().allMatch(h -> h.length() == 2 || SecretHash.problem(h).isEmpty()));
    }
  }

  @Test
  void realHashes_refuseNobodysToken_also_anEmptyOne() {
    try (SecretTokens tokens = new SecretTokens(table::get)) {
      refusal(tokens.verify("nobody."));
      refusal(tokens.verify("nobody.secret"));
    }
  }

  @Test
  void whatIsRightOrWrong_isRemembered_untilTheTableChanges() {
    try (SecretTokens tokens = new SecretTokens(table::get, this::quick)) {
      assertNull(tokens.known("shop.secret-of-h1"));
      Credential right = tokens.verify("shop.secret-of-h1").join();
      assertEquals(new Credential.Token("shop", "h1"), right);
      assertEquals(right, tokens.known("shop.secret-of-h1"));
      assertNull(tokens.known("shop.secret-of-h2"));
      refusal(tokens.verify("shop.secret-of-h2"));
      assertThrows(AccessException.class, () -> tokens.known("shop.secret-of-h2"));

      table.set(table(caller("shop", "h2")));
      assertNull(tokens.known("shop.secret-of-h2"), "it may be right now");
      assertEquals(new Credential.Token("shop", "h2"), tokens.verify("shop.secret-of-h2").join());
      assertNull(tokens.known("shop.secret-of-h1"), "its hash is gone");
      refusal(tokens.verify("shop.secret-of-h1"));
    }
  }

  @Test
  void whileOneIsVerified_theSameIsVerifiedOnce_andMoreThanMayWaitAreRefused() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    BiPredicate<String, String> slow =
        (secret, hash) -> {
          begun.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return quick(secret, hash);
        };
    try (SecretTokens tokens = new SecretTokens(table::get, slow)) {
      CompletableFuture<Credential> first = tokens.verify("shop.secret-of-h1");
      begun.await();
      for (int i = 0; i < 100; i++) {
        assertSame(first, tokens.verify("shop.secret-of-h1"));
      }
      List<CompletableFuture<Credential>> waiting = new ArrayList<>();
      for (int i = 0; i < SecretTokens.MOST_WAITING; i++) {
        waiting.add(tokens.verify("shop.wrong" + i));
      }
      AccessException full = refusal(tokens.verify("shop.more"));
      assertEquals(AccessException.Kind.TOO_MUCH, full.kind());
      go.countDown();
      assertEquals(new Credential.Token("shop", "h1"), first.join());
      waiting.forEach(
          wrong -> assertEquals(AccessException.Kind.UNAUTHENTICATED, refusal(wrong).kind()));
      assertEquals(1 + SecretTokens.MOST_WAITING, hashes.get());
      assertEquals(
          AccessException.Kind.UNAUTHENTICATED,
          refusal(tokens.verify("shop.more")).kind(),
          "what was too much is verified when there is room");
    }
  }
}
