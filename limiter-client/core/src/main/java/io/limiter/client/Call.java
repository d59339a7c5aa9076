package io.limiter.client;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.limiter.client.upstream.Observation;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ObserveResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One call and how its end is read.
 *
 * @param repeatable whether it may be sent twice: the second time does nothing more
 * @param read the answer's meaning; may throw a {@link LimiterException}
 * @param unreachable what to say when there is no answer; may throw likewise
 */
record Call<Q extends MessageLite, R, T>(
    MethodDescriptor<Q, R> method,
    Q question,
    boolean repeatable,
    Duration deadline,
    Function<R, T> read,
    Function<UnreachableException, T> unreachable) {

  /**
   * Gives back at most once, however often it is sent. Nothing answers in the place of a service
   * that does not: the call fails.
   */
  static Call<RefundRequest, RefundResponse, Boolean> refund(Receipt receipt, Duration deadline) {
    return new Call<>(
        RateLimiterGrpc.getRefundMethod(),
        RefundRequest.newBuilder().setReceipt(receipt.bytes()).build(),
        true,
        deadline,
        RefundResponse::getRefunded,
        cause -> {
          throw cause;
        });
  }

  /** Leaves counters reset, however often it is sent. Fails likewise. */
  static Call<ResetRequest, ResetResponse, Integer> reset(
      String domain, Map<String, String> attributes, List<String> rules, Duration deadline) {
    return new Call<>(
        RateLimiterGrpc.getResetMethod(),
        ResetRequest.newBuilder()
            .setDomain(domain)
            .putAllAttributes(attributes)
            .addAllRules(rules)
            .build(),
        true,
        deadline,
        ResetResponse::getCountersReset,
        cause -> {
          throw cause;
        });
  }

  /** Leaves counters told, however often it is sent. Fails likewise. */
  static Call<ObserveRequest, ObserveResponse, Integer> observe(
      CheckRequest request, Observation observation, List<String> rules, Duration deadline) {
    ObserveRequest.Builder message =
        ObserveRequest.newBuilder()
            .setDomain(request.message().getDomain())
            .putAllAttributes(request.message().getAttributesMap())
            .addAllRules(rules)
            .setUnit(observation.unit());
    observation.limit().ifPresent(message::setLimit);
    observation.remaining().ifPresent(message::setRemaining);
    observation.resetAfter().ifPresent(time -> message.setResetAfter(Wire.message(time)));
    observation.blockedFor().ifPresent(time -> message.setBlockedFor(Wire.message(time)));
    return new Call<>(
        RateLimiterGrpc.getObserveMethod(),
        message.build(),
        true,
        deadline,
        ObserveResponse::getCountersClamped,
        cause -> {
          throw cause;
        });
  }
}
