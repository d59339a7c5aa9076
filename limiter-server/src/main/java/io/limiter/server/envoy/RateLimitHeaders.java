package io.limiter.server.envoy;

import io.limiter.envoy.core.HeaderValue;
import io.limiter.server.decide.DescriptorVerdict;
import io.limiter.server.decide.Verdict;
import io.limiter.server.envoy.EnvoySettings.HeaderGroup;
import io.limiter.server.rules.DescriptorMatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The headers that tell a client where it stands: {@code RateLimit-Policy} and {@code RateLimit} of
 * draft-ietf-httpapi-ratelimit-headers-10, the older {@code X-RateLimit} ones, and {@code
 * Retry-After}. Times are whole seconds, rounded up. Only what can deny is told.
 */
final class RateLimitHeaders {
  private RateLimitHeaders() {}

  private record Named(String name, Verdict.Status status) {}

  static List<HeaderValue> of(DescriptorVerdict verdict, Set<HeaderGroup> groups) {
    List<HeaderValue> headers = new ArrayList<>();
    List<Named> told = told(verdict);
    if (told.isEmpty()) {
      return headers;
    }
    long now = verdict.nowMicros();
    if (groups.contains(HeaderGroup.RATELIMIT)) {
      List<String> policies = new ArrayList<>(told.size());
      List<String> limits = new ArrayList<>(told.size());
      for (Named one : told) {
        String name = quoted(one.name);
        long window = Math.max(1, EnvoyReply.seconds(one.status.windowMicros()));
        policies.add(name + ";q=" + one.status.rule().limit().most() + ";w=" + window);
        long reset = EnvoyReply.secondsUntilReset(one.status, now);
        limits.add(
            name
                + ";r="
                + one.status.outcome().remaining()
                + (one.status.outcome().resetAfterMicros() == 0 ? "" : ";t=" + reset));
      }
      headers.add(header("RateLimit-Policy", String.join(", ", policies)));
      headers.add(header("RateLimit", String.join(", ", limits)));
    }
    Verdict.Status strictest =
        EnvoyReply.mostRestrictive(told.stream().map(Named::status).toList());
    if (groups.contains(HeaderGroup.X_RATELIMIT) && strictest != null) {
      headers.add(header("X-RateLimit-Limit", strictest.rule().limit().most()));
      headers.add(header("X-RateLimit-Remaining", strictest.outcome().remaining()));
      headers.add(header("X-RateLimit-Reset", EnvoyReply.secondsUntilReset(strictest, now)));
    }
    OptionalLong retry = verdict.whole().retryAfterMicros();
    if (groups.contains(HeaderGroup.RETRY_AFTER) && retry.isPresent()) {
      headers.add(header("Retry-After", EnvoyReply.seconds(retry.getAsLong())));
    }
    return headers;
  }

  /**
   * Each limit once, in order: a client could not tell two policies of one name apart. What was
   * said of it most strictly stands; of what is as strict, the last.
   */
  private static List<Named> told(DescriptorVerdict verdict) {
    Map<String, Verdict.Status> told = new LinkedHashMap<>();
    for (DescriptorVerdict.Answered answered : verdict.descriptors()) {
      for (Verdict.Status status : answered.statuses()) {
        if (EnvoyReply.canDeny(status)) {
          told.merge(name(answered, status), status, RateLimitHeaders::stricter);
        }
      }
    }
    return told.entrySet().stream().map(one -> new Named(one.getKey(), one.getValue())).toList();
  }

  private static Verdict.Status stricter(Verdict.Status first, Verdict.Status then) {
    return EnvoyReply.isStricter(first, then) ? first : then;
  }

  private static String name(DescriptorVerdict.Answered answered, Verdict.Status status) {
    return answered.match() instanceof DescriptorMatch.Limited limited && !limited.name().isEmpty()
        ? limited.name()
        : status.rule().name();
  }

  private static HeaderValue header(String key, long value) {
    return header(key, Long.toString(value));
  }

  private static HeaderValue header(String key, String value) {
    return HeaderValue.newBuilder().setKey(key).setValue(value).build();
  }

  /**
   * A string of structured fields: printable ASCII; what is not stands as percent and two digits.
   */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (byte unit : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (unit & 0xff);
      if (c < ' ' || c > '~') {
        quoted.append('%').append(String.format("%02X", (int) c));
      } else {
        quoted.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
