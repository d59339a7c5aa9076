package io.limiter.server.envoy;

import com.google.protobuf.Duration;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Window;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitResponse.Code;
import io.limiter.envoy.service.RateLimitResponse.DescriptorStatus;
import io.limiter.envoy.service.RateLimitResponse.RateLimit;
import io.limiter.server.decide.DescriptorVerdict;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.RateUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Translates what goes out to Envoy. */
final class EnvoyReply {
  private static final long MOST = (1L << 32) - 1;

  private EnvoyReply() {}

  static RateLimitResponse of(
      RateLimitRequest asked, DescriptorVerdict verdict, EnvoySettings settings) {
    RateLimitResponse.Builder reply =
        RateLimitResponse.newBuilder()
            .setOverallCode(verdict.whole().allowed() ? Code.OK : Code.OVER_LIMIT);
    for (DescriptorVerdict.Answered answered : verdict.descriptors()) {
      reply.addStatuses(status(answered, verdict.nowMicros()));
    }
    if (!settings.headers().isEmpty() && !verdict.whole().statuses().isEmpty()) {
      reply.addAllResponseHeadersToAdd(RateLimitHeaders.of(verdict, settings.headers()));
    }
    if (settings.metadata()) {
      reply.setDynamicMetadata(DynamicMetadata.of(asked, verdict));
    }
    return reply.build();
  }

  private static DescriptorStatus status(DescriptorVerdict.Answered answered, long nowMicros) {
    DescriptorMatch match = answered.match();
    if (match instanceof DescriptorMatch.Unlimited) {
      return DescriptorStatus.newBuilder().setCode(Code.OK).setLimitRemaining((int) MOST).build();
    }
    Verdict.Status said = mostRestrictive(answered.statuses());
    if (said == null) {
      return DescriptorStatus.newBuilder().setCode(Code.OK).build();
    }
    DescriptorStatus.Builder status =
        DescriptorStatus.newBuilder()
            .setCode(denies(said) ? Code.OVER_LIMIT : Code.OK)
            .setLimitRemaining((int) Math.min(MOST, said.outcome().remaining()))
            .setDurationUntilReset(
                Duration.newBuilder().setSeconds(secondsUntilReset(said, nowMicros)));
    if (match instanceof DescriptorMatch.Limited limited) {
      status.setCurrentLimit(
          limit(limited.requestsPerUnit(), limited.unit()).setName(limited.name()));
    } else {
      RateUnit unit = unit(said);
      if (unit != null && said.rule().limit().most() <= MOST) {
        status.setCurrentLimit(limit(said.rule().limit().most(), unit).setName(said.rule().name()));
      }
    }
    return status.build();
  }

  private static RateLimit.Builder limit(long requestsPerUnit, RateUnit unit) {
    return RateLimit.newBuilder()
        .setRequestsPerUnit((int) requestsPerUnit)
        .setUnit(
            switch (unit) {
              case SECOND -> RateLimit.Unit.SECOND;
              case MINUTE -> RateLimit.Unit.MINUTE;
              case HOUR -> RateLimit.Unit.HOUR;
              case DAY -> RateLimit.Unit.DAY;
              case WEEK -> RateLimit.Unit.WEEK;
              case MONTH -> RateLimit.Unit.MONTH;
              case YEAR -> RateLimit.Unit.YEAR;
            });
  }

  /** Whether a limit that can deny says no. */
  static boolean denies(Verdict.Status status) {
    return canDeny(status) && !status.outcome().admits();
  }

  static boolean canDeny(Verdict.Status status) {
    return status.role().canDeny();
  }

  /**
   * The status that a client should go by: of those that can deny, the one that denies for longest,
   * else the one with the least left; one that cannot deny only if there is no other.
   */
  static Verdict.@Nullable Status mostRestrictive(List<Verdict.Status> statuses) {
    Verdict.Status best = null;
    for (Verdict.Status status : statuses) {
      if (best == null || isStricter(status, best)) {
        best = status;
      }
    }
    return best;
  }

  static boolean isStricter(Verdict.Status status, Verdict.Status than) {
    if (canDeny(status) != canDeny(than)) {
      return canDeny(status);
    }
    if (denies(status) != denies(than)) {
      return denies(status);
    }
    return denies(status)
        ? waitMicros(status.outcome()) > waitMicros(than.outcome())
        : status.outcome().remaining() < than.outcome().remaining();
  }

  private static long waitMicros(Outcome outcome) {
    return outcome instanceof Outcome.Denied denied ? denied.retryAfterMicros() : Long.MAX_VALUE;
  }

  /**
   * Until there is more: to the end of a fixed window; else until a denied question is admitted,
   * since Envoy makes its own Retry-After of this; else until the counter is as new.
   */
  static long secondsUntilReset(Verdict.Status status, long nowMicros) {
    if (status.rule().limit() instanceof FixedWindow fixed) {
      return seconds(fixed.window().endOf(nowMicros) - nowMicros);
    }
    return status.outcome() instanceof Outcome.Denied denied
        ? seconds(denied.retryAfterMicros())
        : seconds(status.outcome().resetAfterMicros());
  }

  /** Whole seconds, rounded up: not a moment too early. */
  static long seconds(long micros) {
    return (micros + 999_999) / 1_000_000;
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
