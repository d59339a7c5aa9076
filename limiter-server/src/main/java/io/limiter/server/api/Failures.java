package io.limiter.server.api;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.limiter.server.access.AccessException;
import io.limiter.server.decide.DecisionException;
import io.limiter.server.fault.Cause;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.store.GivenUpException;
import io.limiter.server.store.StoreException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of a call that got no response. The only place where a status is chosen:
 *
 * <ul>
 *   <li>INVALID_ARGUMENT: the request is wrong and stays wrong. Callers fix it; asking again is of
 *       no use. BadRequest names every field.
 *   <li>UNAVAILABLE: the counters cannot be asked now, the domain's rules could not be read, or
 *       this instance is shutting down. The message begins with the kind of failure. Callers fail
 *       open or closed by their own policy, and ask again with their next question. This one may
 *       have been charged, so it is not sent again without an idempotency key.
 *   <li>RESOURCE_EXHAUSTED: this instance takes on no more. Nothing was charged. Callers go by
 *       their policy, and ask no sooner than RetryInfo says. Never a denial: a denial is a
 *       response.
 *   <li>UNAUTHENTICATED: what the caller shows proves nothing, or it shows nothing. Callers show
 *       another token or certificate.
 *   <li>PERMISSION_DENIED: the caller is known, and may not do this. Its operator has to grant it.
 *   <li>CANCELLED: the caller gave the call up before Redis was asked, and hears nothing. Nothing
 *       was charged, and there is nothing to log.
 *   <li>INTERNAL: a defect of the service, or something else is stored in the place of a counter.
 *       Callers go by their policy; the service's log says what happened.
 * </ul>
 */
public final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** Long enough for a full queue to have gone to Redis and back several times. */
  private static final Duration BACK_OFF = Duration.newBuilder().setNanos(50_000_000).build();

  /** Of a question that waited too long to be read. Nothing was charged. */
  public static final Status UNREAD =
      overloaded(
          "overloaded: the call had waited for more than a quarter of its time when it was read; ask again later");

  private static final String UNREAD_LINE = "No decision, " + UNREAD.getMessage();

  private static volatile @Nullable Overload lastOverload;

  private Failures() {}

  /**
   * The status for what a call failed with. Logs it unless the request or its caller is at fault.
   * The log counts what comes again and again, so this writes a line for each.
   */
  public static Status status(Throwable failure) {
    Throwable cause = Cause.of(failure);
    if (cause instanceof InvalidRequestException invalid) {
      return status(Code.INVALID_ARGUMENT, text(invalid), Any.pack(invalid.violations()));
    }
    if (cause instanceof DecisionException refused) {
      return status(Code.INVALID_ARGUMENT, text(refused), Any.pack(violation(refused)));
    }
    if (cause instanceof AccessException denied) {
      return status(denied);
    }
    if (cause instanceof RulesUnreadableException) {
      return status(Code.UNAVAILABLE, "rules_unreadable: " + text(cause));
    }
    if (cause instanceof GivenUpException) {
      return status(Code.CANCELLED, text(cause));
    }
    if (!(cause instanceof StoreException store)) {
      LOG.error("No decision, internal: the service failed", cause);
      return status(Code.INTERNAL, "internal: the service failed to decide; its log says why");
    }
    String kind = store.kind().name().toLowerCase(Locale.ROOT);
    if (store.kind() == StoreException.Kind.INTERNAL) {
      LOG.error("No decision, {}: {}", kind, store.getMessage(), store);
    } else if (store.kind() == StoreException.Kind.UNREADABLE) {
      LOG.error("No decision, {}: {}", kind, store.getMessage());
    } else {
      LOG.warn("No decision, {}: {}", kind, store.getMessage());
    }
    return status(store, kind + ": " + store.told());
  }

  /** Who watches the access of callers has heard of it: it is not logged again. */
  private static Status status(AccessException denied) {
    return switch (denied.kind()) {
      case UNAUTHENTICATED -> status(Code.UNAUTHENTICATED, text(denied));
      case NOT_PERMITTED -> status(Code.PERMISSION_DENIED, text(denied));
      case TOO_MUCH -> overloaded(text(denied), wait(denied.waitTime()));
    };
  }

  private static Status status(StoreException store, String told) {
    return switch (store.kind()) {
      case OVERLOADED -> overloaded(store, told);
      case UNREADABLE, INTERNAL -> status(Code.INTERNAL, told);
      case TIMEOUT, UNAVAILABLE, READ_ONLY, OUT_OF_MEMORY, LOADING, NO_PERMISSION, BUSY, REFUSED ->
          status(Code.UNAVAILABLE, told + "; go by your own policy meanwhile");
    };
  }

  /** Refusals come in floods, and of the same failure: their status is made once. */
  private static Status overloaded(StoreException store, String told) {
    Overload last = lastOverload;
    if (last == null || last.failure != store) {
      last = new Overload(store, overloaded(told));
      lastOverload = last;
    }
    return last.status;
  }

  private record Overload(StoreException failure, Status status) {}

  /** Logs that a question was answered with {@link #UNREAD}. */
  static void logUnread() {
    LOG.warn(UNREAD_LINE);
  }

  /** The status of a call that this instance does not take on now. Nothing was charged. */
  public static Status overloaded(String why) {
    return overloaded(why, BACK_OFF);
  }

  private static Status overloaded(String why, Duration wait) {
    return status(
        Code.RESOURCE_EXHAUSTED, why, Any.pack(RetryInfo.newBuilder().setRetryDelay(wait).build()));
  }

  /** As told, or long enough for another try where nobody knows. */
  private static Duration wait(java.time.Duration known) {
    return known.isZero()
        ? BACK_OFF
        : Duration.newBuilder().setSeconds(known.getSeconds()).setNanos(known.getNano()).build();
  }

  /** The status of a question that comes while the service shuts down. Nothing was charged. */
  public static Status shuttingDown() {
    return status(Code.UNAVAILABLE, "the service is shutting down; ask another instance");
  }

  /**
   * The status of a message that is not one of its type.
   *
   * @param method the method that it was sent to, such as {@code limiter.v1.RateLimiter/Refund}
   * @param reason what the parser says
   */
  public static Status malformed(String method, @Nullable String reason) {
    Violations violations = new Violations();
    violations.add(
        "message",
        "to %s cannot be read: %s; encode it as limiter.proto says".formatted(method, reason));
    return status(violations.refusal());
  }

  /**
   * The status of a message that is too large to be read.
   *
   * @param method the method that it was sent to
   * @param most the most bytes that one may have
   */
  public static Status tooLarge(String method, int bytes, int most) {
    Violations violations = new Violations();
    violations.add(
        "message", "to %s is %d bytes long or more; use at most %d".formatted(method, bytes, most));
    return status(violations.refusal());
  }

  private static BadRequest violation(DecisionException refused) {
    return BadRequest.newBuilder()
        .addFieldViolations(
            BadRequest.FieldViolation.newBuilder()
                .setField(refused.field())
                .setDescription(text(refused)))
        .build();
  }

  private static Status status(Code code, String message, Any... details) {
    Status.Builder status = Status.newBuilder().setCode(code.getNumber()).setMessage(message);
    for (Any detail : details) {
      status.addDetails(detail);
    }
    return status.build();
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? "the request is wrong" : message;
  }
}
