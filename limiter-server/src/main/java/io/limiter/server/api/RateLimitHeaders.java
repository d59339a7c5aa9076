package io.limiter.server.api;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.server.decide.Verdict;
import io.limiter.server.header.HeaderChoice;
import io.limiter.server.header.HeaderGroup;
import io.limiter.server.header.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The headers that tell a client where it stands: {@code RateLimit-Policy} and {@code RateLimit} of
 * draft-ietf-httpapi-ratelimit-headers-10, the older {@code X-RateLimit} ones, and {@code
 * Retry-After}. Times are whole seconds, rounded up. Only limits that can deny are shown. Where
 * nothing resets there is no time to tell.
 *
 * <p>The only place that writes them, for Envoy and for other gateways.
 */
public final class RateLimitHeaders {
  private static final HeaderNames X_NAMES =
      new HeaderNames("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset");

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /** What a limit on requests at the same time counts, which has no window. */
  private static final String CONCURRENT = ";qu=\"concurrent-requests\"";

  private RateLimitHeaders() {}

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
      List<Limit> limits, OptionalLong retryAfterMicros, long nowMicros, HeaderChoice choice) {
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, Verdict.Status> shown = shown(limits);
    Verdict.Status strictest = Verdict.strictest(shown.values());
    if (strictest == null) {
      return headers;
    }
    Set<HeaderGroup> groups = choice.groups();
    if (groups.contains(HeaderGroup.RATELIMIT)) {
      putDrafts(headers, shown, nowMicros);
    }
    if (groups.contains(HeaderGroup.RATELIMIT_LIMIT)) {
      putState(headers, choice.names(), strictest, reset(strictest, nowMicros, choice.reset()));
    }
    if (groups.contains(HeaderGroup.X_RATELIMIT)) {
      putState(headers, X_NAMES, strictest, reset(strictest, nowMicros, choice.reset()));
    }
    if (groups.contains(HeaderGroup.X_RATELIMIT_UNITS)) {
      byUnit(shown.values())
          .forEach(
              (unit, status) ->
                  putState(headers, named(unit), status, reset(status, nowMicros, choice.reset())));
    }
    if (groups.contains(HeaderGroup.X_RATELIMIT_USED)) {
      long used = strictest.limit() - strictest.remaining();
      headers.put("X-RateLimit-Used", Long.toString(Math.max(0, used)));
    }
    if (groups.contains(HeaderGroup.RETRY_AFTER) && retryAfterMicros.isPresent()) {
      long micros = retryAfterMicros.getAsLong();
      headers.put(
          "Retry-After",
          choice.retryAfter() == HeaderChoice.RetryAfter.DATE
              ? date(Verdict.wholeSeconds(nowMicros + micros))
              : Long.toString(Verdict.wholeSeconds(micros)));
    }
    return headers;
  }

  private static void putDrafts(
      Map<String, String> headers, Map<String, Verdict.Status> shown, long nowMicros) {
    StringBuilder policies = new StringBuilder(64);
    StringBuilder states = new StringBuilder(64);
    shown.forEach(
        (name, status) -> {
          String before = policies.isEmpty() ? "" : ", ";
          String quoted = quoted(name);
          policies.append(before).append(quoted).append(policy(status));
          states.append(before).append(quoted).append(state(status, nowMicros));
        });
    headers.put("RateLimit-Policy", policies.toString());
    headers.put("RateLimit", states.toString());
  }

  private static void putState(
      Map<String, String> headers, HeaderNames names, Verdict.Status status, long reset) {
    headers.put(names.limit(), Long.toString(status.limit()));
    headers.put(names.remaining(), Long.toString(status.remaining()));
    if (status.resets()) {
      headers.put(names.reset(), Long.toString(reset));
    }
  }

  /** The strictest status of each unit, in order. */
  private static Map<String, Verdict.Status> byUnit(Iterable<Verdict.Status> statuses) {
    Map<String, Verdict.Status> strictest = new LinkedHashMap<>();
    for (Verdict.Status status : statuses) {
      strictest.merge(
          status.rule().unit(), status, (first, then) -> then.isStricterThan(first) ? then : first);
    }
    return strictest;
  }

  private static HeaderNames named(String unit) {
    String name =
        unit.isEmpty()
            ? "Requests"
            : unit.substring(0, 1).toUpperCase(Locale.ROOT) + unit.substring(1);
    return new HeaderNames(
        X_NAMES.limit() + "-" + name,
        X_NAMES.remaining() + "-" + name,
        X_NAMES.reset() + "-" + name);
  }

  private static long reset(Verdict.Status status, long nowMicros, HeaderChoice.Reset form) {
    long micros = status.microsUntilReset(nowMicros);
    return Verdict.wholeSeconds(form == HeaderChoice.Reset.EPOCH ? nowMicros + micros : micros);
  }

  /** As RFC 9110 has it. */
  private static String date(long epochSeconds) {
    return DATE.format(Instant.ofEpochSecond(epochSeconds));
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
    String quota = ";q=" + status.limit();
    if (status.rule().limit() instanceof ConcurrencyLimit) {
      return quota + (status.rule().unit().isEmpty() ? CONCURRENT : "");
    }
    return status.resets()
        ? quota + ";w=" + Math.max(1, Verdict.wholeSeconds(status.windowMicros()))
        : quota;
  }

  private static String state(Verdict.Status status, long nowMicros) {
    String reset =
        status.outcome().resetAfterMicros() == 0 || !status.resets()
            ? ""
            : ";t=" + status.secondsUntilReset(nowMicros);
    return ";r=" + status.remaining() + reset;
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
