package io.limiter.server.api;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.server.decide.DecisionException;
import io.limiter.server.store.StoreException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What callers are told when a question could not be decided. The only place where a status is
 * chosen:
 *
 * <ul>
 *   <li>INVALID_ARGUMENT: the request is wrong and stays wrong. Callers fix it; asking again is of
 *       no use. BadRequest names every field.
 *   <li>UNAVAILABLE: the counters cannot be asked just now, or this instance is going away. Callers
 *       go by their own policy, open or closed, and ask again with their next question. What became
 *       of this one is not known, so it is not sent again without an idempotency key.
 *   <li>RESOURCE_EXHAUSTED: this instance takes on no more. Nothing was charged. Callers go by
 *       their policy, and ask no sooner than RetryInfo says. Never a denial: a denial is an answer.
 *   <li>INTERNAL: a defect of the service. Callers go by their policy; its log says what happened.
 * </ul>
 */
public final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** Long enough for a full queue to have gone to Redis and back several times. */
  private static final Duration BACK_OFF = Duration.newBuilder().setNanos(50_000_000).build();

  private static final FaultLog FAULTS = new FaultLog(LOG, System::nanoTime);

  private Failures() {}

  static Status status(Throwable failure) {
    Throwable cause = failure.getCause();
    if (failure instanceof CompletionException && cause != null) {
      return status(cause);
    }
    if (failure instanceof InvalidRequestException invalid) {
      return status(Code.INVALID_ARGUMENT, text(invalid), Any.pack(invalid.violations()));
    }
    if (failure instanceof DecisionException wrong) {
      return status(Code.INVALID_ARGUMENT, text(wrong), Any.pack(violation(wrong)));
    }
    if (failure instanceof StoreException store) {
      switch (store.kind()) {
        case UNAVAILABLE -> {
          return status(Code.UNAVAILABLE, "the counters cannot be asked; go by your own policy");
        }
        case OVERLOADED -> {
          Any retry = Any.pack(RetryInfo.newBuilder().setRetryDelay(BACK_OFF).build());
          return status(
              Code.RESOURCE_EXHAUSTED, "too many questions wait; ask again in 50 ms", retry);
        }
        case BUG -> {}
      }
    }
    FAULTS.add(failure);
    return status(Code.INTERNAL, "the service failed to decide; its log says why");
  }

  public static StatusRuntimeException exception(Throwable failure) {
    return StatusProto.toStatusRuntimeException(status(failure));
  }

  /** For a question that comes when no more are taken. It was not asked, and nothing charged. */
  public static Status shuttingDown() {
    return status(Code.UNAVAILABLE, "the service is shutting down; ask another instance");
  }

  private static BadRequest violation(DecisionException wrong) {
    return BadRequest.newBuilder()
        .addFieldViolations(
            BadRequest.FieldViolation.newBuilder()
                .setField(wrong.field())
                .setDescription(text(wrong)))
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
