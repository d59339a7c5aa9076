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
    super(cause.getStatus().getCode(), message(cause.getStatus()), cause, false);
    this.retryAfter = retryInfo(cause);
  }

  static UnreachableException of(StatusRuntimeException failure) {
    return new UnreachableException(failure);
  }

  /** When to ask an overloaded service again, if it said so. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
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
