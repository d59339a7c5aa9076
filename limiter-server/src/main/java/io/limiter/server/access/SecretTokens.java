package io.limiter.server.access;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies tokens of the form {@code CALLER.SECRET}. A slow hash takes a tenth of a second, so it
 * is made on a thread of its own and once for each token: what it said is remembered, by a digest.
 * Who floods it with wrong tokens keeps others waiting who come with a new one, and nobody else.
 * Safe to use from any thread.
 */
final class SecretTokens implements AutoCloseable {
  static final int MOST_WAITING = 64;
  private static final int MOST_REMEMBERED = 10_000;

  /** Is nobody's. It is tried where there is no such caller, so that this takes as long. */
  private static final String NOBODYS =
      "pbkdf2-sha512:%d:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          .formatted(SecretHash.ITERATIONS);

  private final Supplier<AccessTable> table;
  private final BiPredicate<String, String> matches;
  private final Digests digests = new Digests();
  private final Remembered<Credential.Token> right = new Remembered<>(MOST_REMEMBERED);
  private final Remembered<AccessTable> wrong = new Remembered<>(MOST_REMEMBERED);
  private final Map<String, CompletableFuture<Credential>> underWay = new ConcurrentHashMap<>();
  private final ExecutorService hashing =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          task -> {
            Thread thread = new Thread(task, "limiter-tokens");
            thread.setDaemon(true);
            return thread;
          });

  SecretTokens(Supplier<AccessTable> table) {
    this(table, SecretHash::matches);
  }

  /**
   * The same.
   *
   * @param matches whether a secret, first, is that of a hash
   */
  SecretTokens(Supplier<AccessTable> table, BiPredicate<String, String> matches) {
    this.table = table;
    this.matches = matches;
  }

  /**
   * What is known of a token already.
   *
   * @return null if it has to be verified
   * @throws AccessException if it is wrong
   */
  @Nullable Credential known(String token) {
    String digest = digests.of(token);
    Credential.Token known = right.get(digest);
    AccessTable now = table.get();
    if (known != null && now.callerOf(known, /* nowMillis= */ 0) != null) {
      return known;
    }
    if (wrong.get(digest) == now) {
      throw refused();
    }
    return null;
  }

  /** Forgets which tokens were wrong: by another table they may be right. */
  void forget() {
    wrong.clear();
  }

  /** Verifies a token. The future fails with an {@link AccessException} if it is wrong. */
  CompletableFuture<Credential> verify(String token) {
    String digest = digests.of(token);
    CompletableFuture<Credential> mine = new CompletableFuture<>();
    CompletableFuture<Credential> others = underWay.putIfAbsent(digest, mine);
    if (others != null) {
      return others;
    }
    try {
      hashing.execute(() -> verify(token, digest, mine));
    } catch (RejectedExecutionException full) {
      underWay.remove(digest, mine);
      mine.completeExceptionally(
          new AccessException(
              AccessException.Kind.TOO_MUCH,
              "%d tokens wait to be verified, as many as may; ask again in a second"
                  .formatted(MOST_WAITING)));
    }
    return mine;
  }

  private void verify(String token, String digest, CompletableFuture<Credential> to) {
    Credential.Token found = null;
    RuntimeException failure = null;
    try {
      AccessTable now = table.get();
      found = find(now, token);
      if (found != null) {
        right.put(digest, found);
      } else {
        wrong.put(digest, now);
        failure = refused();
      }
    } catch (RuntimeException defect) {
      failure = defect;
    }
    // Before it is told: whoever hears it and comes again by another table is verified anew.
    underWay.remove(digest, to);
    if (failure == null) {
      to.complete(found);
    } else {
      to.completeExceptionally(failure);
    }
  }

  private Credential.@Nullable Token find(AccessTable table, String token) {
    int dot = token.indexOf('.');
    KnownCaller caller = dot <= 0 ? null : table.caller(token.substring(0, dot));
    List<String> hashes =
        caller == null || caller.tokens().isEmpty() ? List.of(NOBODYS) : caller.tokens();
    Credential.Token found = null;
    for (String hash : hashes) {
      if (matches.test(token.substring(dot + 1), hash) && caller != null) {
        found = new Credential.Token(caller.name(), hash);
      }
    }
    return found;
  }

  static AccessException refused() {
    return new AccessException(
        AccessException.Kind.UNAUTHENTICATED,
        "the token is not valid; show one that this service's operator gave you");
  }

  @Override
  public void close() {
    hashing.shutdownNow();
  }
}
