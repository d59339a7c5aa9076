package io.limiter.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/** A call that the service did not answer. */
public abstract sealed class LimiterException extends RuntimeException
    permits InvalidRequestException, RefusedException, UnreachableException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  LimiterException(
      Status.Code code, String message, @Nullable Throwable cause, boolean withStackTrace) {
    super(message, cause, false, withStackTrace);
    this.code = code;
  }

  /** The gRPC status of the call. */
  public final Status.Code code() {
    return code;
  }

  /**
   * The failure of a call, by what its caller can do about it: correct the question, correct the
   * configuration, or do without an answer.
   */
  static LimiterException of(Throwable thrown) {
    if (thrown instanceof LimiterException read) {
      return read;
    }
    StatusRuntimeException failure =
        thrown instanceof StatusRuntimeException status
            ? status
            : Status.fromThrowable(thrown).asRuntimeException();
    return switch (failure.getStatus().getCode()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> InvalidRequestException.of(failure);
      case UNAUTHENTICATED,
          PERMISSION_DENIED,
          UNIMPLEMENTED,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION ->
          new RefusedException(failure);
      // An answer may come to the next question: the service, or the way to it, is at fault.
      case UNAVAILABLE,
          DEADLINE_EXCEEDED,
          RESOURCE_EXHAUSTED,
          CANCELLED,
          ABORTED,
          INTERNAL,
          DATA_LOSS,
          UNKNOWN,
          OK ->
          UnreachableException.of(failure);
    };
  }

  static String message(Status status) {
    String description = status.getDescription();
    return description == null || description.isEmpty()
        ? status.getCode().name()
        : status.getCode() + ": " + description;
  }
}
