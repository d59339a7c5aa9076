package io.limiter.server.gateway;

import io.limiter.server.api.RateLimitHeaders;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.profile.Profile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The answer to what is admitted: nothing but headers. */
final class Admission {
  private Admission() {}

  static GatewayAnswer of(Profile profile, Verdict verdict) {
    return profile.telling().whenAdmitted() && !verdict.statuses().isEmpty()
        ? new GatewayAnswer(200, headers(profile, verdict), "")
        : GatewayAnswer.PLAIN;
  }

  /** The headers of a decision, in order. */
  static Map<String, String> headers(Profile profile, Verdict verdict) {
    List<RateLimitHeaders.Limit> limits = new ArrayList<>(verdict.statuses().size());
    for (Verdict.Status status : verdict.statuses()) {
      limits.add(new RateLimitHeaders.Limit(status.rule().name(), status));
    }
    return RateLimitHeaders.of(
        limits, verdict.retryAfterMicros(), verdict.nowMicros(), profile.telling().headers());
  }
}
