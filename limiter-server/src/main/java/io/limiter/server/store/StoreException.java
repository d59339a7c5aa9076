package io.limiter.server.store;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The counters could not be asked. Carries no stack: it is made on hot paths.
 *
 * <p>It has two texts. The message is for the log of the service, and may say where Redis is and
 * what it said. {@link #told} is for callers: the kind of failure and the remedy, and nothing else.
 */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Which failure. Metrics name it in lower case. */
  public enum Kind {
    /** Redis is connected and did not answer in time. It may still charge the question, once. */
    TIMEOUT(
        "Redis did not answer in time; look for what slows it down,"
            + " or give the call a later deadline"),
    /** There is no connection to Redis, or it broke before the answer came. */
    UNAVAILABLE("the service is not connected to Redis; its /readyz says why"),
    /** It is a replica, maybe since a moment ago: the primary is somewhere else. */
    READ_ONLY("Redis is a read-only replica; the service looks for the primary"),
    /** It is full, and evicts nothing. */
    OUT_OF_MEMORY("Redis is full; raise its maxmemory"),
    /** It reads its data from disk. */
    LOADING("Redis is loading its data; wait until it has"),
    /** The user or password is wrong, or the user may not do this. */
    NO_PERMISSION("Redis denies the service's user what it needs; the service's log says what"),
    /** A script of somebody else has kept it busy for seconds. */
    BUSY("Redis is busy with another script; end that with SCRIPT KILL"),
    /** It is up and does not do this now, for another reason. */
    REFUSED("Redis refuses at the moment; the service's log says why"),
    /** More questions wait than this instance takes on. Nothing was charged. */
    OVERLOADED("too many questions wait for Redis; ask again in 50 ms"),
    /** Something else is stored where a counter should be. It is never overwritten. */
    UNREADABLE("something else is stored in the place of a counter; the service's log says where"),
    /** A defect of the service. */
    INTERNAL("the service failed to decide; its log says why");

    private final String told;

    Kind(String told) {
      this.told = told;
    }

    /** Whether somebody has to correct the service or what is stored: time alone does not. */
    public boolean isDefect() {
      return this == UNREADABLE || this == INTERNAL;
    }
  }

  private final Kind kind;
  private final String told;

  @SuppressWarnings("serial") // never written
  private final @Nullable CompletionStage<Boolean> charged;

  /**
   * A failure of which callers are told its kind.
   *
   * @param message for the log
   */
  public StoreException(Kind kind, String message, @Nullable Throwable cause) {
    this(kind, kind.told, message, cause, /* charged= */ null);
  }

  private StoreException(
      Kind kind,
      String told,
      String message,
      @Nullable Throwable cause,
      @Nullable CompletionStage<Boolean> charged) {
    super(message, cause, false, false);
    this.kind = kind;
    this.told = told;
    this.charged = charged;
  }

  /**
   * The same of a question that was sent and may have been charged.
   *
   * @param charged tells later whether it was; fails if nobody will know
   */
  public StoreException inDoubt(CompletionStage<Boolean> charged) {
    return new StoreException(kind, told, getMessage(), getCause(), charged);
  }

  /** The same of a question that may have been charged, which nobody will know. */
  public StoreException inDoubt() {
    return inDoubt(CompletableFuture.failedStage(this));
  }

  /**
   * This instance does not take it on now. Nothing was charged.
   *
   * @param why for the log and for callers
   */
  public static StoreException overloaded(String why) {
    return new StoreException(Kind.OVERLOADED, why, why, null, null);
  }

  /**
   * No answer within the time that a question may take, which its caller chose, if it named a
   * deadline. The log does not say how long that was: each caller's would be a line of its own.
   *
   * @param address where Redis is, without user and password
   */
  public static StoreException timeout(Duration deadline, String address) {
    String late = "Redis did not answer within %d ms".formatted(deadline.toMillis());
    String remedy =
        "; look for what slows it down, or wait longer: by the call's deadline (up to"
            + " --decision-deadline-max), or without one by --decision-deadline";
    return new StoreException(
        Kind.TIMEOUT, late + remedy, address + " did not answer in time" + remedy, null, null);
  }

  /** The same of a question that may have been charged, which nobody will know. */
  public static StoreException unanswered(Duration deadline, String address) {
    return timeout(deadline, address).inDoubt();
  }

  /** For the log. Callers are {@link #told} another. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** Which failure it is. */
  public Kind kind() {
    return kind;
  }

  /**
   * Whether Redis charged the question, which is found out later; fails if nobody will know. Null
   * if it did not.
   */
  public @Nullable CompletionStage<Boolean> charged() {
    return charged;
  }

  /** What callers are told. It names no address, key or user. */
  public String told() {
    return told;
  }
}
