package io.limiter.server.envoy;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Window;
import io.limiter.envoy.core.HeaderValue;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitResponse.Code;
import io.limiter.envoy.service.RateLimitResponse.DescriptorStatus;
import io.limiter.envoy.service.RateLimitResponse.RateLimit;
import io.limiter.server.api.RateLimitHeaders;
import io.limiter.server.decide.DescriptorVerdict;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.RatePeriod;
import io.limiter.server.rules.RateUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Translates verdicts to Envoy's protocol. */
final class EnvoyResponseWriter {
  private static final long MOST = (1L << 32) - 1;

  private EnvoyResponseWriter() {}

  static RateLimitResponse response(
      RateLimitRequest wire, DescriptorVerdict verdict, EnvoySettings settings) {
    RateLimitResponse.Builder response =
        RateLimitResponse.newBuilder()
            .setOverallCode(verdict.whole().allowed() ? Code.OK : Code.OVER_LIMIT);
    boolean denied = deniedAsUnknown(verdict);
    for (DescriptorVerdict.DescriptorStatus descriptor : verdict.descriptors()) {
      response.addStatuses(
          denied
              ? DescriptorStatus.newBuilder().setCode(Code.OVER_LIMIT).build()
              : status(descriptor, verdict.nowMicros()));
    }
    if (!settings.headers().isEmpty() && !verdict.whole().statuses().isEmpty()) {
      response.addAllResponseHeadersToAdd(headers(verdict, settings));
    }
    if (settings.metadata()) {
      response.setDynamicMetadata(DynamicMetadata.of(wire, verdict));
    }
    return response.build();
  }

  /** A domain without limits that is denied all the same: then no limit can say so. */
  private static boolean deniedAsUnknown(DescriptorVerdict verdict) {
    return !verdict.whole().allowed() && verdict.whole().ofUnknownDomain();
  }

  private static DescriptorStatus status(
      DescriptorVerdict.DescriptorStatus descriptor, long nowMicros) {
    DescriptorMatch match = descriptor.match();
    if (match instanceof DescriptorMatch.Unlimited) {
      return DescriptorStatus.newBuilder().setCode(Code.OK).setLimitRemaining((int) MOST).build();
    }
    Verdict.Status strictest = Verdict.strictest(descriptor.statuses());
    if (strictest == null) {
      return DescriptorStatus.newBuilder().setCode(Code.OK).build();
    }
    DescriptorStatus.Builder status =
        DescriptorStatus.newBuilder()
            .setCode(strictest.denies() ? Code.OVER_LIMIT : Code.OK)
            .setLimitRemaining((int) Math.min(MOST, strictest.remaining()));
    if (strictest.resets()) {
      status.setDurationUntilReset(
          Duration.newBuilder().setSeconds(strictest.secondsUntilReset(nowMicros)));
    }
    if (match instanceof DescriptorMatch.Limited limited) {
      status.setCurrentLimit(
          limit(limited.terms().requestsPerUnit(), limited.terms().period())
              .setName(limited.terms().name()));
    } else {
      RateUnit unit = unit(strictest);
      if (unit != null && strictest.limit() <= MOST) {
        status.setCurrentLimit(
            limit(strictest.limit(), RatePeriod.of(unit)).setName(strictest.rule().name()));
      }
    }
    return status.build();
  }

  private static RateLimit.Builder limit(long requestsPerUnit, RatePeriod period) {
    RateLimit.Builder limit = RateLimit.newBuilder().setRequestsPerUnit((int) requestsPerUnit);
    if (period.multiplier() != 1) {
      limit.setUnitMultiplier(UInt32Value.of((int) period.multiplier()));
    }
    return limit.setUnit(
        switch (period.unit()) {
          case SECOND -> RateLimit.Unit.SECOND;
          case MINUTE -> RateLimit.Unit.MINUTE;
          case HOUR -> RateLimit.Unit.HOUR;
          case DAY -> RateLimit.Unit.DAY;
          case WEEK -> RateLimit.Unit.WEEK;
          case MONTH -> RateLimit.Unit.MONTH;
          case YEAR -> RateLimit.Unit.YEAR;
        });
  }

  private static List<HeaderValue> headers(DescriptorVerdict verdict, EnvoySettings settings) {
    List<RateLimitHeaders.Limit> limits = new ArrayList<>();
    for (DescriptorVerdict.DescriptorStatus descriptor : verdict.descriptors()) {
      for (Verdict.Status status : descriptor.statuses()) {
        limits.add(new RateLimitHeaders.Limit(name(descriptor.match(), status), status));
      }
    }
    List<HeaderValue> headers = new ArrayList<>();
    RateLimitHeaders.of(
            limits, verdict.whole().retryAfterMicros(), verdict.nowMicros(), settings.choice())
        .forEach(
            (name, value) ->
                headers.add(HeaderValue.newBuilder().setKey(name).setValue(value).build()));
    return headers;
  }

  private static String name(@Nullable DescriptorMatch match, Verdict.Status status) {
    return match instanceof DescriptorMatch.Limited limited && !limited.terms().name().isEmpty()
        ? limited.terms().name()
        : status.rule().name();
  }

  /** The unit that says a rule's window, or null: then only the headers say it. */
  private static @Nullable RateUnit unit(Verdict.Status status) {
    if (status.rule().limit() instanceof FixedWindow fixed
        && fixed.window() instanceof Window.Calendar calendar) {
      return switch (calendar.unit()) {
        case DAY -> RateUnit.DAY;
        case WEEK -> RateUnit.WEEK;
        case MONTH -> RateUnit.MONTH;
        case YEAR -> RateUnit.YEAR;
      };
    }
    for (RateUnit unit : RateUnit.values()) {
      if (unit.micros() == status.windowMicros()) {
        return unit;
      }
    }
    return null;
  }
}
