package io.limiter.server.access;

import io.limiter.server.fair.Caller;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells who calls, and holds the table that says what they may do. Safe to use from any thread.
 *
 * <p>A bearer token is what is meant where one is shown: it has to be right, whatever else is
 * shown. Then comes the certificate, then the user of a Unix socket. Who shows nothing, or what
 * nobody is told by, is the caller without a name, if the table has one.
 */
public final class Access implements Askers, AutoCloseable {
  private final LongSupplier nowMillis;
  private final LongSupplier nanoTime;
  private final AccessListener listener;
  private final SecretTokens secrets;
  private final SignedTokens signed;
  private final Map<String, CallerUse> uses = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private volatile AccessTable table;
  private volatile Seal seal;

  /**
   * Begins with a table.
   *
   * @param keys of the table's issuers
   * @param nowMillis since the epoch, to judge when tokens are over
   * @param nanoTime for paces, as {@link System#nanoTime}
   */
  public Access(
      AccessTable table,
      IssuerKeys keys,
      Seal seal,
      AccessListener listener,
      LongSupplier nowMillis,
      LongSupplier nanoTime) {
    this(table, keys, seal, listener, nowMillis, nanoTime, SecretHash::matches);
  }

  /**
   * The same.
   *
   * @param matches whether a secret, first, is that of a hash
   */
  Access(
      AccessTable table,
      IssuerKeys keys,
      Seal seal,
      AccessListener listener,
      LongSupplier nowMillis,
      LongSupplier nanoTime,
      BiPredicate<String, String> matches) {
    this.secrets = new SecretTokens(this::table, matches);
    this.table = table;
    this.seal = seal;
    this.listener = listener;
    this.nowMillis = nowMillis;
    this.nanoTime = nanoTime;
    this.signed = new SignedTokens(keys, nowMillis);
  }

  /** The table in force. */
  public AccessTable table() {
    return table;
  }

  /** Seals what callers are handed. */
  Seal seal() {
    return seal;
  }

  /** Puts another table in force, for all that is asked from now on. */
  public void update(AccessTable changed, IssuerKeys keys, Seal sealing) {
    seal = sealing;
    signed.update(keys);
    table = changed;
    secrets.forget();
    uses.keySet().removeIf(name -> changed.caller(name) == null);
  }

  @Override
  public @Nullable Asker known(Shown shown) {
    String bearer = shown.bearer();
    if (bearer.isEmpty()) {
      return new Asker(this, withoutToken(shown), shown.origin());
    }
    try {
      if (bearer.length() > Shown.LONGEST) {
        throw tooLong();
      }
      // Nobody's has others. Some of them mean nothing to a hash, so a token would have two forms.
      if (!bearer.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
        throw SecretTokens.refused();
      }
      Credential known = knownToken(bearer);
      return known == null ? null : new Asker(this, known, shown.origin());
    } catch (AccessException refused) {
      throw told(shown, refused);
    }
  }

  private @Nullable Credential knownToken(String bearer) {
    return SignedTokens.isMeant(bearer) ? signed.verify(bearer) : secrets.known(bearer);
  }

  private static AccessException tooLong() {
    return new AccessException(
        AccessException.Kind.UNAUTHENTICATED,
        "the token is longer than %d characters; show a shorter one".formatted(Shown.LONGEST));
  }

  @Override
  public CompletableFuture<Asker> verify(Shown shown) {
    return secrets
        .verify(shown.bearer())
        .handle(
            (credential, failure) -> {
              if (failure == null) {
                return new Asker(this, credential, shown.origin());
              }
              throw failure instanceof AccessException refused
                  ? told(shown, refused)
                  : new CompletionException(failure);
            });
  }

  private static Credential withoutToken(Shown shown) {
    OptionalInt user = shown.user();
    return user.isPresent() && shown.certificate().isEmpty()
        ? new Credential.User(user.getAsInt())
        : new Credential.Names(shown.certificate());
  }

  /** Who is told by a credential; null if nobody who is known. */
  @Nullable KnownCaller callerOf(Credential credential) {
    if (credential instanceof Credential.Signed one && !signed.trusts(one)) {
      return null;
    }
    return table.callerOf(credential, nowMillis.getAsLong());
  }

  /** What a caller has of this instance. */
  CallerUse use(KnownCaller caller) {
    return uses.computeIfAbsent(
        caller.name(),
        name ->
            new CallerUse(
                Caller.NAMED + (numbers.getAndIncrement() & (Caller.NAMED - 1)), nanoTime));
  }

  /** A caller asks within its bounds. */
  void asked(KnownCaller caller, int questions) {
    listener.asked(caller.name(), questions);
  }

  private AccessException told(Shown shown, AccessException refused) {
    return told("", shown.word(), "", "", shown.origin(), refused);
  }

  /** A caller asks more than it may, which is told to who listens. */
  AccessException tooMuch(KnownCaller caller, Asker who, AccessException refused) {
    return told(caller.name(), who.by(), "", "", who.origin(), refused);
  }

  private AccessException told(
      String caller,
      String by,
      String method,
      String domain,
      Origin origin,
      AccessException refused) {
    listener.refused(
        new AccessListener.Refusal(
            caller,
            by,
            method,
            domain,
            refused.kind(),
            origin,
            String.valueOf(refused.getMessage())));
    return refused;
  }

  /** The refusal of something, which is told to who listens. */
  AccessException refuse(
      @Nullable KnownCaller caller,
      Credential credential,
      Method method,
      String domain,
      String where,
      Origin origin) {
    boolean shows = !credential.equals(Credential.NONE);
    AccessException.Kind kind =
        caller == null || (caller.name().isEmpty() && !shows)
            ? AccessException.Kind.UNAUTHENTICATED
            : AccessException.Kind.NOT_PERMITTED;
    String name = caller == null ? "" : caller.name();
    String wanted = where.isEmpty() ? method.word() : method.word() + " " + where;
    return told(
        name,
        credential.word(),
        method.word(),
        domain,
        origin,
        new AccessException(
            kind,
            kind == AccessException.Kind.UNAUTHENTICATED
                ? unknown(shows, wanted)
                : "%s may not %s; have this service's operator grant it"
                    .formatted(name.isEmpty() ? "whoever shows this" : "caller " + name, wanted)));
  }

  private static String unknown(boolean shows, String wanted) {
    return shows
        ? "nobody is known by what is shown; show a token or certificate that may " + wanted
        : "nothing shows who asks; show a token or certificate that may " + wanted;
  }

  @Override
  public void close() {
    secrets.close();
  }
}
