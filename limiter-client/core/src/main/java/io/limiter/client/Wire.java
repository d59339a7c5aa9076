package io.limiter.client;

import io.grpc.Status;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DecisionError;
import io.limiter.v1.Hint;
import java.time.Duration;
import java.util.Optional;

/** Translates between the wire contract's messages and the client's own values. */
final class Wire {
  private Wire() {}

  /** A decision from its message. A question that was wrong is {@link Decision.Invalid}. */
  static Decision decision(CheckAndConsumeResponse response, OnUnreachable onUnreachable) {
    if (response.hasError()) {
      return undecided(failure(response.getError()), onUnreachable);
    }
    var statuses = response.getStatusesList().stream().map(Wire::status).toList();
    Source source = source(response.getSource());
    if (!response.getAllowed()) {
      Optional<Duration> retryAfter =
          response.hasRetryAfter()
              ? Optional.of(duration(response.getRetryAfter()))
              : Optional.empty();
      return new Decision.Denied(source, statuses, retryAfter, kind(response.getKind()));
    }
    Optional<Receipt> receipt =
        response.getReceipt().isEmpty()
            ? Optional.empty()
            : Optional.of(Receipt.of(response.getReceipt()));
    return new Decision.Admitted(
        source,
        statuses,
        duration(response.getDelay()),
        receipt,
        response.getHint() == Hint.DEGRADE);
  }

  /**
   * The same of a question that was asked alone.
   *
   * @throws LimiterException if the question was wrong
   */
  static Decision valid(CheckAndConsumeResponse response, OnUnreachable onUnreachable) {
    Decision decision = decision(response, onUnreachable);
    if (decision instanceof Decision.Invalid invalid) {
      throw invalid.cause();
    }
    return decision;
  }

  static Decision undecided(LimiterException failure, OnUnreachable onUnreachable) {
    return failure instanceof UnreachableException unreachable
        ? onUnreachable.decision(unreachable)
        : new Decision.Invalid(failure);
  }

  /** A saturating conversion: no caller waits for 292 years. */
  static long nanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException tooLong) {
      return Long.MAX_VALUE;
    }
  }

  static Duration duration(com.google.protobuf.Duration message) {
    return Duration.ofSeconds(message.getSeconds(), message.getNanos());
  }

  static com.google.protobuf.Duration message(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  private static LimiterException failure(DecisionError error) {
    return LimiterException.of(
        Status.fromCodeValue(error.getCode())
            .withDescription(error.getMessage())
            .asRuntimeException());
  }

  static RuleStatus status(io.limiter.v1.RuleStatus status) {
    RuleStatus.Outcome outcome;
    if (status.getAllowed()) {
      outcome = new RuleStatus.Admits();
    } else if (status.getNever()) {
      outcome = new RuleStatus.NeverAdmits();
    } else if (status.hasRetryAfter()) {
      outcome = new RuleStatus.Denies(duration(status.getRetryAfter()));
    } else {
      outcome = new RuleStatus.Exhausted();
    }
    return new RuleStatus(
        status.getRule(),
        Algorithm.of(status.getAlgorithm()),
        status.getUnit(),
        status.getShadow(),
        status.getCandidate(),
        new RuleStatus.Quota(
            status.getLimit(),
            status.getRemaining(),
            duration(status.getResetAfter()),
            duration(status.getWindow()),
            status.getSoftBasisPoints(),
            status.getSoftCrossed(),
            new RuleStatus.Unsettled(
                status.getHeld(), status.getOwed(), status.getGuessed(), status.getEstimated())),
        outcome);
  }

  private static Optional<Decision.DenialKind> kind(io.limiter.v1.DenialKind kind) {
    return switch (kind) {
      case RATE -> Optional.of(Decision.DenialKind.RATE);
      case QUOTA -> Optional.of(Decision.DenialKind.QUOTA);
      case CONCURRENCY -> Optional.of(Decision.DenialKind.CONCURRENCY);
      case COST_NEVER_FITS -> Optional.of(Decision.DenialKind.COST_NEVER_FITS);
      case DENIAL_KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  private static Source source(io.limiter.v1.Source source) {
    return switch (source) {
      case REDIS -> Source.REDIS;
      case DENY_CACHE -> Source.DENY_CACHE;
      case LEASE -> Source.LEASE;
      case LOCAL_FALLBACK -> Source.LOCAL_FALLBACK;
      case FAIL_OPEN -> Source.FAIL_OPEN;
      case FAIL_CLOSED -> Source.FAIL_CLOSED;
      case NO_RULE -> Source.NO_RULE;
      case UNKNOWN_DOMAIN -> Source.UNKNOWN_DOMAIN;
      case SOURCE_UNSPECIFIED, UNRECOGNIZED -> Source.UNKNOWN;
    };
  }
}
