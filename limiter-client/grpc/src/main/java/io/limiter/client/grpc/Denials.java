package io.limiter.client.grpc;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.client.Decision;
import io.limiter.client.RuleStatus;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.NotSentException;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** What a denial is in gRPC. */
final class Denials {
  private Denials() {}

  /** Of a call that {@code RateLimited} did not let go ahead. */
  static StatusRuntimeException status(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof DeniedException denied) {
      return status(denied);
    }
    if (cause instanceof NotSentException unsent) {
      return status(unsent);
    }
    // What is wrong with a question is for the log of whoever asked, not for callers.
    return Status.INTERNAL
        .withDescription("the call's rate limit could not be asked for")
        .withCause(cause)
        .asRuntimeException();
  }

  /**
   * RESOURCE_EXHAUSTED with {@code RetryInfo}, if waiting is of any use, and a {@code QuotaFailure}
   * that names the rules; UNAVAILABLE if there was no answer.
   */
  private static StatusRuntimeException status(DeniedException denied) {
    Decision decision = denied.decision();
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(
                decision.failure().isPresent()
                    ? Code.UNAVAILABLE_VALUE
                    : Code.RESOURCE_EXHAUSTED_VALUE)
            .setMessage(String.valueOf(denied.getMessage()));
    denied
        .retryAfter()
        .ifPresent(
            wait ->
                status.addDetails(
                    Any.pack(RetryInfo.newBuilder().setRetryDelay(duration(wait)).build())));
    QuotaFailure.Builder quota = QuotaFailure.newBuilder();
    for (RuleStatus rule : decision.statuses()) {
      if (rule.enforced() && !rule.allowed()) {
        quota.addViolations(
            QuotaFailure.Violation.newBuilder()
                .setSubject("rule:" + rule.rule())
                .setDescription(
                    "limit of %d %s used up"
                        .formatted(
                            rule.quota().limit(),
                            rule.unit().isEmpty() ? "requests" : rule.unit())));
      }
    }
    if (quota.getViolationsCount() > 0) {
      status.addDetails(Any.pack(quota.build()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  /** UNAVAILABLE if the upstream is broken, RESOURCE_EXHAUSTED if too many wait for it. */
  private static StatusRuntimeException status(NotSentException unsent) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(
                unsent.reason() == NotSentException.Reason.CIRCUIT_OPEN
                    ? Code.UNAVAILABLE_VALUE
                    : Code.RESOURCE_EXHAUSTED_VALUE)
            .setMessage(String.valueOf(unsent.getMessage()));
    unsent
        .retryAfter()
        .ifPresent(
            wait ->
                status.addDetails(
                    Any.pack(RetryInfo.newBuilder().setRetryDelay(duration(wait)).build())));
    return StatusProto.toStatusRuntimeException(status.build());
  }

  private static com.google.protobuf.Duration duration(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
