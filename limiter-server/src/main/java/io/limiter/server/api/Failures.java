package io.limiter.server.api;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.limiter.server.decide.DecisionException;
import io.limiter.server.fault.Cause;
import io.limiter.server.fault.LogThrottle;
import io.limiter.server.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of a call that got no response. The only place where a status is chosen:
 *
 * <ul>
 *   <li>INVALID_ARGUMENT: the request is wrong and stays wrong. Callers fix it; asking again is of
 *       no use. BadRequest names every field.
 *   <li>UNAVAILABLE: the counters cannot be asked now, or this instance is shutting down. Callers
 *       fail open or closed by their own policy, and ask again with their next question. This one
 *       may have been charged, so it is not sent again without an idempotency key.
 *   <li>RESOURCE_EXHAUSTED: this instance takes on no more. Nothing was charged. Callers go by
 *       their policy, and ask no sooner than RetryInfo says. Never a denial: a denial is a
 *       response.
 *   <li>INTERNAL: a defect of the service. Callers go by their policy; its log says what happened.
 * </ul>
 */
public final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** Long enough for a full queue to have gone to Redis and back several times. */
  private static final Duration BACK_OFF = Duration.newBuilder().setNanos(50_000_000).build();

  /** The shortest time between two lines about defects. */
  static final java.time.Duration LOG_PERIOD = java.time.Duration.ofSeconds(1);

  private static final LogThrottle DEFECTS = new LogThrottle(LOG_PERIOD, System::nanoTime);

  private Failures() {}

  /** The status for what a call failed with. Logs it if it is a defect of the service. */
  public static Status status(Throwable failure) {
    Throwable cause = Cause.of(failure);
    if (cause instanceof InvalidRequestException invalid) {
      return status(Code.INVALID_ARGUMENT, text(invalid), Any.pack(invalid.violations()));
    }
    if (cause instanceof DecisionException refused) {
      return status(Code.INVALID_ARGUMENT, text(refused), Any.pack(violation(refused)));
    }
    return cause instanceof StoreException store
        ? switch (store.kind()) {
          case UNAVAILABLE ->
              status(Code.UNAVAILABLE, "the counters cannot be asked; go by your own policy");
          case OVERLOADED ->
              status(
                  Code.RESOURCE_EXHAUSTED,
                  "too many questions wait; ask again in 50 ms",
                  Any.pack(RetryInfo.newBuilder().setRetryDelay(BACK_OFF).build()));
          case BUG -> defect(cause);
        }
        : defect(cause);
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

  private static Status defect(Throwable cause) {
    logDefect(DEFECTS, LOG, cause);
    return status(Code.INTERNAL, "the service failed to decide; its log says why");
  }

  static void logDefect(LogThrottle throttle, Logger log, Throwable cause) {
    throttle.log(
        dropped ->
            log.error(
                "A question could not be decided ({} more since the last such line)",
                dropped,
                cause));
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
