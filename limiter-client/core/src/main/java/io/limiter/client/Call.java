package io.limiter.client;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.limiter.client.upstream.Observation;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ObserveResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.ReleaseResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
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

  /** Ends a hold once, however often it is sent. Fails likewise. */
  static Call<SettleRequest, SettleResponse, Holds.Settlement> settle(
      Receipt receipt, long cost, Map<String, Long> unitCosts, Duration deadline) {
    return new Call<>(
        RateLimiterGrpc.getSettleMethod(),
        SettleRequest.newBuilder()
            .setReceipt(receipt.bytes())
            .setCost(cost)
            .putAllUnitCosts(unitCosts)
            .build(),
        true,
        deadline,
        Holds::settlement,
        cause -> {
          throw cause;
        });
  }

  /** The same as if nothing had been used. */
  static Call<ReleaseRequest, ReleaseResponse, Holds.End> release(
      Receipt receipt, Duration deadline) {
    return new Call<>(
        RateLimiterGrpc.getReleaseMethod(),
        ReleaseRequest.newBuilder().setReceipt(receipt.bytes()).build(),
        true,
        deadline,
        response -> Holds.end(response.getEnd()),
        cause -> {
          throw cause;
        });
  }

  /** Renews a hold, and asks for more of it each time that it is sent. Fails likewise. */
  static Call<ExtendRequest, ExtendResponse, Holds.Extension> extend(
      Receipt receipt,
      Duration hold,
      long moreCost,
      Map<String, Long> moreUnitCosts,
      Duration deadline) {
    return new Call<>(
        RateLimiterGrpc.getExtendMethod(),
        ExtendRequest.newBuilder()
            .setReceipt(receipt.bytes())
            .setHold(Wire.message(hold))
            .setMoreCost(moreCost)
            .putAllMoreUnitCosts(moreUnitCosts)
            .build(),
        moreCost == 0 && moreUnitCosts.values().stream().allMatch(more -> more == 0),
        deadline,
        Holds::extension,
        cause -> {
          throw cause;
        });
  }
}
