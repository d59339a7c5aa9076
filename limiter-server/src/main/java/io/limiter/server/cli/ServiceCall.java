package io.limiter.server.cli;

import com.google.common.net.HostAndPort;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.v1.RateLimiterGrpc;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One call of a running service.
 *
 * @param deadline the longest wait for the answer
 */
record ServiceCall(HostAndPort target, Duration deadline) {

  /** The response. Empty after it printed why there is none. */
  <T> Optional<T> ask(
      Function<RateLimiterGrpc.RateLimiterBlockingStub, T> question, Console console) {
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                target.getHost(), target.getPort(), InsecureChannelCredentials.create())
            .build();
    try {
      return Optional.of(
          question.apply(
              RateLimiterGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)));
    } catch (StatusRuntimeException e) {
      console.complain(failure(e));
      return Optional.empty();
    } finally {
      channel.shutdownNow();
    }
  }

  private String failure(StatusRuntimeException e) {
    Status status = e.getStatus();
    return switch (status.getCode()) {
      case UNAVAILABLE ->
          status.getCause() == null
              ? "%s cannot decide now: %s".formatted(target, status.getDescription())
              : "no answer from %s: %s; start it with \"limiter serve\", or name another with --target"
                  .formatted(target, root(status.getCause()).getMessage());
      case DEADLINE_EXCEEDED ->
          "no answer from %s within %d ms; wait longer with --deadline, or look at its log"
              .formatted(target, deadline.toMillis());
      default ->
          "%s refused the question: %s: %s"
              .formatted(target, status.getCode(), status.getDescription());
    };
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : root(cause);
  }
}
