package io.limiter.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The service could not be asked, did not answer in time, or failed. It is not known whether it did
 * what it was asked. Carries no stack trace: in an outage every question makes one.
 */
public final class UnreachableException extends LimiterException {
  private static final long serialVersionUID = 1L;

  private final @Nullable Duration retryAfter;

  UnreachableException(Status.Code code, String message) {
    super(code, message, null, false);
    this.retryAfter = null;
  }

  private UnreachableException(StatusRuntimeException cause) {
    super(cause.getStatus().getCode(), text(cause.getStatus()), cause, false);
    this.retryAfter = retryInfo(cause);
  }

  static UnreachableException of(StatusRuntimeException failure) {
    return new UnreachableException(failure);
  }

  /** When to ask an overloaded service again, if it said so. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** Says so if another kind of port answers: gRPC itself quotes its bytes, or nothing at all. */
  private static String text(Status status) {
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (message.contains("First received frame was not SETTINGS")) {
        return message(status)
            + (message.contains("485454502f") // HTTP/
                ? ": the target speaks HTTP/1, not gRPC; name the service's gRPC port, 8081"
                : ": the target does not speak gRPC without TLS; name the service's gRPC port");
      }
    }
    return message(status);
  }

  private static @Nullable Duration retryInfo(StatusRuntimeException failure) {
    if (failure.getStatus().getCode() != Status.Code.RESOURCE_EXHAUSTED) {
      return null;
    }
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    if (status != null) {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(RetryInfo.class)) {
          try {
            return Wire.duration(detail.unpack(RetryInfo.class).getRetryDelay());
          } catch (InvalidProtocolBufferException unreadable) {
            return null;
          }
        }
      }
    }
    return null;
  }
}
