package io.limiter.server.access;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a file of access says. Immutable, so safe to use from any thread. */
public final class AccessTable {
  private final List<KnownCaller> callers;
  private final List<Issuer> issuers;
  private final Map<String, KnownCaller> byName = new HashMap<>();
  private final Map<String, KnownCaller> byCertificate = new HashMap<>();
  private final Map<KnownCaller.Subject, KnownCaller> bySubject = new HashMap<>();
  private final Map<Integer, KnownCaller> byUser = new HashMap<>();

  /**
   * A table.
   *
   * @param callers of distinct names; no two are told by the same
   */
  public AccessTable(List<KnownCaller> callers, List<Issuer> issuers) {
    this.callers = List.copyOf(callers);
    this.issuers = List.copyOf(issuers);
    for (KnownCaller caller : callers) {
      byName.put(caller.name(), caller);
      caller.certificates().forEach(name -> byCertificate.put(name, caller));
      caller.subjects().forEach(subject -> bySubject.put(subject, caller));
      caller.users().forEach(user -> byUser.put(user, caller));
    }
  }

  /** All callers, in the order of the file. */
  public List<KnownCaller> callers() {
    return callers;
  }

  /** Who signs tokens. */
  public List<Issuer> issuers() {
    return issuers;
  }

  /** A caller by its name; null if there is none. */
  public @Nullable KnownCaller caller(String name) {
    return byName.get(name);
  }

  /** Who shows nothing; null if such callers may do nothing. */
  public @Nullable KnownCaller anonymous() {
    return byName.get("");
  }

  /**
   * Whom a credential is of; null if of nobody who is known.
   *
   * @param nowMillis since the epoch
   */
  public @Nullable KnownCaller callerOf(Credential credential, long nowMillis) {
    if (credential instanceof Credential.Token token) {
      KnownCaller caller = byName.get(token.caller());
      return caller != null && caller.tokens().contains(token.hash()) ? caller : null;
    }
    if (credential instanceof Credential.Signed signed) {
      return nowMillis < signed.untilMillis()
          ? bySubject.get(new KnownCaller.Subject(signed.issuer(), signed.subject()))
          : null;
    }
    if (credential instanceof Credential.User user) {
      KnownCaller caller = byUser.get(user.uid());
      return caller == null ? anonymous() : caller;
    }
    for (String name : ((Credential.Names) credential).names()) {
      KnownCaller caller = byCertificate.get(name);
      if (caller != null) {
        return caller;
      }
    }
    return anonymous();
  }
}
