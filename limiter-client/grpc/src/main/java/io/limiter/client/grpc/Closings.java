package io.limiter.client.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.limiter.client.decorate.Answers;
import io.limiter.client.upstream.Observation;
import io.limiter.client.upstream.UpstreamSaid;
import io.limiter.client.upstream.UpstreamSaid.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the end of a call says of the upstream's limit: {@code google.rpc.RetryInfo} in the details,
 * or else {@code grpc-retry-pushback-ms} (gRFC A6), with RESOURCE_EXHAUSTED or UNAVAILABLE.
 */
enum Closings implements Answers<Closings.Closing> {
  INSTANCE;

  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** As gRPC itself says on either side; it is no limit on calls. */
  private static final String TOO_LARGE = "gRPC message exceeds maximum size";

  /** The end of a call. */
  record Closing(Status status, Metadata trailers) {}

  @Override
  public UpstreamSaid read(Closing closing) {
    Outcome outcome = outcome(closing.status);
    if (outcome != Outcome.REFUSED && outcome != Outcome.UNAVAILABLE) {
      return UpstreamSaid.nothing(outcome);
    }
    return new UpstreamSaid(
        outcome, block(closing).map(Observation::blocked).map(List::of).orElse(List.of()));
  }

  private static Outcome outcome(Status status) {
    return switch (status.getCode()) {
      case RESOURCE_EXHAUSTED ->
          String.valueOf(status.getDescription()).contains(TOO_LARGE)
              ? Outcome.ANSWERED
              : Outcome.REFUSED;
      case UNAVAILABLE -> Outcome.UNAVAILABLE;
      case INTERNAL, UNKNOWN, DATA_LOSS, DEADLINE_EXCEEDED -> Outcome.FAILED;
      case OK,
          CANCELLED,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          UNAUTHENTICATED ->
          Outcome.ANSWERED;
    };
  }

  private static Optional<Duration> block(Closing closing) {
    return retryDelay(closing)
        .or(() -> pushback(closing.trailers))
        .filter(wait -> !wait.isNegative() && !wait.isZero())
        .map(wait -> wait.compareTo(Observation.LONGEST) > 0 ? Observation.LONGEST : wait);
  }

  private static Optional<Duration> retryDelay(Closing closing) {
    com.google.rpc.Status details =
        StatusProto.fromStatusAndTrailers(closing.status, closing.trailers);
    for (Any detail : details.getDetailsList()) {
      if (detail.is(RetryInfo.class)) {
        try {
          com.google.protobuf.Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          return Optional.of(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()));
        } catch (InvalidProtocolBufferException | ArithmeticException unreadable) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Duration> pushback(Metadata trailers) {
    String millis = trailers.get(PUSHBACK);
    return millis != null && millis.matches("[0-9]{1,12}")
        ? Optional.of(Duration.ofMillis(Long.parseLong(millis)))
        : Optional.empty();
  }
}
