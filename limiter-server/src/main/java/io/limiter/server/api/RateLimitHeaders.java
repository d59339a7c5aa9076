package io.limiter.server.api;

import io.limiter.server.decide.Verdict;
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
 * Retry-After}. Times are whole seconds, rounded up. Only limits that can deny are shown.
 */
public final class RateLimitHeaders {
  private static final Names X_NAMES =
      new Names("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset");

  private RateLimitHeaders() {}

  /** Headers that come together. */
  public enum Group {
    /** {@code RateLimit-Policy} and {@code RateLimit}. */
    RATELIMIT,
    /**
     * {@code RateLimit-Limit}, {@code -Remaining} and {@code -Reset}, under names to be chosen, as
     * Envoy's own service sends them.
     */
    RATELIMIT_LIMIT,
    /** {@code X-RateLimit-Limit}, {@code -Remaining} and {@code -Reset}. */
    X_RATELIMIT,
    /** {@code Retry-After}, when denied. */
    RETRY_AFTER
  }

  /** How the headers of {@link Group#RATELIMIT_LIMIT} are called. */
  public record Names(String limit, String remaining, String reset) {
    public static final Names DEFAULTS =
        new Names("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset");
  }

  /** A limit under the name that clients see. */
  public record Limit(String name, Verdict.Status status) {}

  /**
   * The headers by name, in order.
   *
   * @param limits in the order in which clients see them; those that cannot deny are left out
   * @param retryAfterMicros of the request as a whole
   * @param nowMicros the time of the decision by Redis, in microseconds since the epoch
   */
  public static Map<String, String> of(
      List<Limit> limits,
      OptionalLong retryAfterMicros,
      long nowMicros,
      Set<Group> groups,
      Names names) {
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, Verdict.Status> shown = shown(limits);
    Verdict.Status strictest = Verdict.strictest(shown.values());
    if (strictest == null) {
      return headers;
    }
    if (groups.contains(Group.RATELIMIT)) {
      List<String> policies = new ArrayList<>(shown.size());
      List<String> states = new ArrayList<>(shown.size());
      shown.forEach(
          (name, status) -> {
            policies.add(quoted(name) + policy(status));
            states.add(quoted(name) + state(status, nowMicros));
          });
      headers.put("RateLimit-Policy", String.join(", ", policies));
      headers.put("RateLimit", String.join(", ", states));
    }
    if (groups.contains(Group.RATELIMIT_LIMIT)) {
      putState(headers, names, strictest, nowMicros);
    }
    if (groups.contains(Group.X_RATELIMIT)) {
      putState(headers, X_NAMES, strictest, nowMicros);
    }
    if (groups.contains(Group.RETRY_AFTER) && retryAfterMicros.isPresent()) {
      long seconds = Verdict.wholeSeconds(retryAfterMicros.getAsLong());
      headers.put("Retry-After", Long.toString(seconds));
    }
    return headers;
  }

  private static void putState(
      Map<String, String> headers, Names names, Verdict.Status status, long nowMicros) {
    headers.put(names.limit, Long.toString(status.rule().limit().limit()));
    headers.put(names.remaining, Long.toString(status.outcome().remaining()));
    headers.put(names.reset, Long.toString(status.secondsUntilReset(nowMicros)));
  }

  /**
   * Each name once, in order: a client could not tell two policies of one name apart. The strictest
   * status of a name stands; of equally strict ones the last.
   */
  private static Map<String, Verdict.Status> shown(List<Limit> limits) {
    Map<String, Verdict.Status> shown = new LinkedHashMap<>();
    for (Limit limit : limits) {
      if (limit.status.canDeny()) {
        shown.merge(
            limit.name, limit.status, (first, then) -> first.isStricterThan(then) ? first : then);
      }
    }
    return shown;
  }

  private static String policy(Verdict.Status status) {
    long window = Math.max(1, Verdict.wholeSeconds(status.windowMicros()));
    return ";q=" + status.rule().limit().limit() + ";w=" + window;
  }

  private static String state(Verdict.Status status, long nowMicros) {
    String reset =
        status.outcome().resetAfterMicros() == 0 ? "" : ";t=" + status.secondsUntilReset(nowMicros);
    return ";r=" + status.outcome().remaining() + reset;
  }

  /**
   * A string of structured fields: printable ASCII; what is not stands as percent and two digits.
   */
  private static String quoted(String text) {
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
