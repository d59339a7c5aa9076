package io.limiter.client.testing;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DenialKind;
import io.limiter.v1.Hint;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.Source;
import java.time.Duration;

/**
 * What a question is answered.
 *
 * @param response the answer, unless it fails
 * @param failure OK unless it does
 */
record Scripted(CheckAndConsumeResponse response, Status failure) {
  private static final String RULE = "scripted";

  static Scripted admits(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException(
          "delay %s is negative; pass zero or more".formatted(delay));
    }
    CheckAndConsumeResponse.Builder response = response(status().setAllowed(true)).setAllowed(true);
    if (!delay.isZero()) {
      response.setDelay(Counter.message(delay));
    }
    return new Scripted(response.build(), Status.OK);
  }

  static Scripted admitsDegraded() {
    return new Scripted(
        response(status().setAllowed(true)).setAllowed(true).setHint(Hint.DEGRADE).build(),
        Status.OK);
  }

  static Scripted denies(Duration retryAfter, DenialKind kind) {
    if (retryAfter.isNegative() || retryAfter.isZero()) {
      throw new IllegalArgumentException(
          "retryAfter %s is not positive; pass when the question would be admitted"
              .formatted(retryAfter));
    }
    com.google.protobuf.Duration wait = Counter.message(retryAfter);
    return new Scripted(
        response(status().setRetryAfter(wait)).setRetryAfter(wait).setKind(kind).build(),
        Status.OK);
  }

  static Scripted deniesForever() {
    return new Scripted(
        response(status().setNever(true)).setKind(DenialKind.COST_NEVER_FITS).build(), Status.OK);
  }

  static Scripted fails(Status status) {
    if (status.isOk()) {
      throw new IllegalArgumentException(
          "status OK is no failure; pass Status.UNAVAILABLE or another");
    }
    return new Scripted(CheckAndConsumeResponse.getDefaultInstance(), status);
  }

  private static RuleStatus.Builder status() {
    return RuleStatus.newBuilder().setRule(RULE);
  }

  private static CheckAndConsumeResponse.Builder response(RuleStatus.Builder status) {
    return CheckAndConsumeResponse.newBuilder().setSource(Source.REDIS).addStatuses(status);
  }

  /** With what depends on the question. */
  static CheckAndConsumeResponse to(
      CheckAndConsumeResponse response, String requestId, boolean wantsReceipt, int number) {
    CheckAndConsumeResponse.Builder answer = response.toBuilder().setRequestId(requestId);
    if (wantsReceipt && response.getAllowed()) {
      answer.setReceipt(ByteString.copyFromUtf8("receipt-" + number));
    }
    return answer.build();
  }
}
