package io.limiter.server.access;

import io.limiter.server.rules.Quoted;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, and what it may ask: a credential that was verified, judged by the table in force
 * whenever something is asked. So what is taken from a caller is refused on connections and streams
 * that are open already. Safe to use from any thread.
 */
public final class Asker {
  /** Whoever asks where no access is restricted. */
  public static final Asker ANYBODY = anybody(Origin.NONE);

  private final @Nullable Access access;
  private final Credential credential;
  private final Origin origin;

  /** Made anew when the table or the caller's standing in it has changed. */
  private volatile @Nullable Standing standing;

  /** The last name that it had: what it asked for by then is handed to nobody else. */
  private volatile String name = "";

  private record Standing(AccessTable table, @Nullable KnownCaller caller) {}

  Asker(@Nullable Access access, Credential credential, Origin origin) {
    this.access = access;
    this.credential = credential;
    this.origin = origin;
  }

  /** Whoever asks from there, where no access is restricted. */
  static Asker anybody(Origin origin) {
    return new Asker(null, Credential.NONE, origin);
  }

  /** Where it asks from. */
  public Origin origin() {
    return origin;
  }

  /** How it was told, by a word: none, certificate, token, jwt or user. */
  public String by() {
    return credential.word();
  }

  /**
   * What tells it from other callers, the same for all of its connections: {@link
   * io.limiter.server.fair.Caller#NAMED} or more. 0 if it has no name.
   */
  public int number() {
    KnownCaller caller = access == null ? null : caller(access);
    return access == null || caller == null || caller.name().isEmpty()
        ? 0
        : access.use(caller).number();
  }

  /**
   * Counts a connection against those that it may have.
   *
   * @return to be run when the connection is closed; null if it has no name, so that nothing counts
   * @throws AccessException if it has as many as it may; nothing is counted then
   */
  public @Nullable Runnable connect() {
    KnownCaller caller = access == null ? null : caller(access);
    if (access == null || caller == null || caller.name().isEmpty()) {
      return null;
    }
    try {
      return access.use(caller).connect(caller);
    } catch (AccessException refused) {
      throw access.tooMuch(caller, this, refused);
    }
  }

  /** Whether there is anything that it may not do. */
  public boolean isRestricted() {
    return access != null;
  }

  /**
   * Its name; empty where no access is restricted, and of whoever shows nothing. Who is not known
   * any more keeps the name that it had.
   */
  public String name() {
    KnownCaller caller = access == null ? null : caller(access);
    return caller == null ? name : caller.name();
  }

  /** How much it may ask. */
  public CallerLimits bounds() {
    KnownCaller caller = access == null ? null : caller(access);
    return caller == null ? CallerLimits.NONE : caller.bounds();
  }

  private @Nullable KnownCaller caller(Access own) {
    AccessTable table = own.table();
    Standing last = standing;
    if (last != null && last.table == table && !(credential instanceof Credential.Signed)) {
      return last.caller;
    }
    KnownCaller caller = own.callerOf(credential);
    if (caller != null) {
      name = caller.name();
    }
    standing = new Standing(table, caller);
    return caller;
  }

  /** What it is handed, so that nobody else can use it. */
  public byte[] sealed(byte[] bytes) {
    return access == null ? bytes : access.seal().seal(name(), bytes);
  }

  /** What it was handed; null if this was not handed to it, or is not as it was. */
  public byte @Nullable [] opened(byte[] bytes) {
    return access == null ? bytes : access.seal().open(name(), bytes);
  }

  /**
   * Its own part of a name that all callers choose freely. No caller's has another's in it.
   *
   * @param name empty for none
   */
  public String own(String name) {
    return access == null || name.isEmpty() ? name : name() + "/" + name;
  }

  /** Whether it may do something in a domain. */
  public boolean may(Method method, String domain) {
    if (access == null) {
      return true;
    }
    KnownCaller caller = caller(access);
    return caller != null && caller.may(method, domain);
  }

  /**
   * Does nothing if it may do something in a domain.
   *
   * @throws AccessException if it may not; the refusal is counted and told to the log
   */
  public void require(Method method, String domain) {
    if (access != null) {
      KnownCaller caller = caller(access);
      if (caller == null || !caller.may(method, domain)) {
        throw access.refuse(
            caller, credential, method, domain, "in domain " + Quoted.text(domain), origin);
      }
    }
  }

  /**
   * The same, of a domain that the caller did not name.
   *
   * @param domain null if what it named is not there: then it may not
   * @param named what it named, for messages
   */
  public void require(Method method, @Nullable String domain, String named) {
    if (access != null) {
      KnownCaller caller = caller(access);
      if (caller == null || domain == null || !caller.may(method, domain)) {
        throw access.refuse(caller, credential, method, "", named, origin);
      }
    }
  }

  /**
   * Does nothing if it may do something in any domain: to what its own questions left.
   *
   * @throws AccessException if it may not
   */
  public void require(Method method) {
    if (access != null) {
      KnownCaller caller = caller(access);
      if (caller == null || !caller.maySomewhere(method)) {
        throw access.refuse(caller, credential, method, "", "", origin);
      }
    }
  }

  /**
   * Counts a call or a request against those that it may have under way.
   *
   * @return to be run when it is over, once or more often; null if nothing bounds it, or it has no
   *     name
   * @throws AccessException if it has as many as it may; nothing is counted then
   */
  public @Nullable Runnable begin() {
    KnownCaller caller = access == null ? null : caller(access);
    if (access == null
        || caller == null
        || caller.name().isEmpty()
        || caller.bounds().streams() == 0) {
      return null;
    }
    try {
      return access.use(caller).begin(caller);
    } catch (AccessException refused) {
      throw access.tooMuch(caller, this, refused);
    }
  }

  /**
   * Counts questions, and the message that they came in, against what it may ask in a second.
   *
   * @param questions 1 or more
   * @param bytes of the message, as protobuf encodes it; 0 if its bounds say nothing of bytes
   * @throws AccessException if these would be too many; nothing is counted then
   */
  public void take(int questions, int bytes) {
    if (access != null) {
      KnownCaller caller = caller(access);
      if (caller == null) {
        return;
      }
      CallerLimits bounds = caller.bounds();
      if (bounds.questionsPerSecond() > 0 || (bounds.bytesPerSecond() > 0 && bytes > 0)) {
        try {
          access.use(caller).ask(caller, questions, bytes);
        } catch (AccessException refused) {
          throw access.tooMuch(caller, this, refused);
        }
      }
      access.asked(caller, questions);
    }
  }

  /**
   * Counts the counters that a question asks against what it may ask in a second.
   *
   * @param counters 0 or more
   * @throws AccessException if these would be too many; nothing is counted then
   */
  public void work(int counters) {
    KnownCaller caller = access == null ? null : caller(access);
    if (access == null || caller == null || caller.bounds().workPerSecond() == 0 || counters == 0) {
      return;
    }
    try {
      access.use(caller).work(caller, counters);
    } catch (AccessException refused) {
      throw access.tooMuch(caller, this, refused);
    }
  }

  /** Gives back counters that were counted a moment ago, and are not asked after all. */
  public void giveBackWork(int counters) {
    KnownCaller caller = access == null ? null : caller(access);
    if (access != null && caller != null && caller.bounds().workPerSecond() > 0 && counters > 0) {
      access.use(caller).giveBackWork(caller, counters);
    }
  }
}
