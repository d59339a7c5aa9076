package io.limiter.client.deny;

import com.google.protobuf.Duration;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DenialKind;
import io.limiter.v1.RuleStatus;
import io.limiter.v1.Source;
import java.util.concurrent.TimeUnit;

/**
 * A cached denial.
 *
 * @param response what the service answered
 * @param receivedNanos when that came
 * @param endNanos when to ask the service again
 * @param generation of the cache, from before the question was sent
 */
record Denial(
    CheckAndConsumeResponse response, long receivedNanos, long endNanos, long generation) {
  /** NTP corrects a clock by at most 500 ppm, on either side. */
  private static final int DRIFT_PARTS = 1_000;

  private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

  static boolean mayBeCached(CheckAndConsumeResponse response) {
    return !response.getAllowed()
        && !response.hasError()
        && (response.getSource() == Source.REDIS || response.getSource() == Source.DENY_CACHE)
        && response.getKind() != DenialKind.CONCURRENCY
        && response.getStatusesList().stream()
            // What is held may end at any moment, and nobody would tell of it here.
            .noneMatch(status -> status.getCandidate() || status.getHeld() > 0);
  }

  /** How long all that it says goes on to be true, by this host's clock. */
  static long lastsNanos(CheckAndConsumeResponse response) {
    long shortest = response.hasRetryAfter() ? nanos(response.getRetryAfter()) : Long.MAX_VALUE;
    for (RuleStatus status : response.getStatusesList()) {
      if (status.hasRetryAfter()) {
        shortest = Math.min(shortest, nanos(status.getRetryAfter()));
      }
    }
    return shortest - shortest / DRIFT_PARTS;
  }

  /** About how much of the heap it takes. */
  int bytes() {
    return 300 + 8 * response.getSerializedSize();
  }

  /** What is to be said at a later time, before its end. */
  CheckAndConsumeResponse at(long nowNanos) {
    // Another thread may have read its clock before this came.
    long passed = Math.max(0, nowNanos - receivedNanos);
    CheckAndConsumeResponse.Builder now =
        response.toBuilder().setSource(Source.DENY_CACHE).clearRequestId();
    if (now.hasRetryAfter()) {
      now.setRetryAfter(less(now.getRetryAfter(), passed));
    }
    for (int i = 0; i < now.getStatusesCount(); i++) {
      RuleStatus.Builder status = now.getStatusesBuilder(i).clearSoftCrossed();
      if (status.hasRetryAfter()) {
        status.setRetryAfter(less(status.getRetryAfter(), passed));
      }
      if (status.hasResetAfter()) {
        status.setResetAfter(less(status.getResetAfter(), passed));
      }
    }
    return now.build();
  }

  private static Duration less(Duration wait, long nanos) {
    java.time.Duration left =
        java.time.Duration.ofSeconds(wait.getSeconds(), wait.getNanos()).minusNanos(nanos);
    return left.isNegative()
        ? Duration.getDefaultInstance()
        : Duration.newBuilder().setSeconds(left.getSeconds()).setNanos(left.getNano()).build();
  }

  /** Saturating: no denial is cached for 292 years. */
  private static long nanos(Duration wait) {
    return wait.getSeconds() > Long.MAX_VALUE / NANOS - 1
        ? Long.MAX_VALUE
        : wait.getSeconds() * NANOS + wait.getNanos();
  }
}
