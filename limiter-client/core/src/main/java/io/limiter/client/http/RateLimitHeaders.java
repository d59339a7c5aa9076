package io.limiter.client.http;

import io.limiter.client.Algorithm;
import io.limiter.client.Decision;
import io.limiter.client.RuleStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The headers that tell a caller where it stands.
 *
 * <table>
 *   <caption>Headers</caption>
 *   <tr><td>{@code RateLimit-Policy}, {@code RateLimit}</td>
 *       <td>every enforced rule, as draft-ietf-httpapi-ratelimit-headers-10 has it</td></tr>
 *   <tr><td>{@code X-RateLimit-Limit}, {@code -Remaining}, {@code -Reset}</td>
 *       <td>the {@linkplain Decision#strictest() strictest} rule</td></tr>
 *   <tr><td>{@code Retry-After}</td>
 *       <td>of a denial; missing if the request would never be admitted</td></tr>
 * </table>
 *
 * <p>Times are whole seconds, rounded up. A window that has no end has none. A rule in shadow is
 * not shown: it cannot deny.
 */
public final class RateLimitHeaders {
  private RateLimitHeaders() {}

  /**
   * The headers by name, in the order in which they are sent. Empty if no enforced rule applied and
   * nothing was denied.
   *
   * @return a map that cannot be changed
   */
  public static Map<String, String> of(Decision decision) {
    Map<String, String> headers = new LinkedHashMap<>();
    Collection<RuleStatus> shown = shown(decision.statuses());
    if (!shown.isEmpty()) {
      List<String> policies = new ArrayList<>(shown.size());
      List<String> states = new ArrayList<>(shown.size());
      for (RuleStatus status : shown) {
        policies.add(quoted(status.rule()) + policy(status));
        states.add(quoted(status.rule()) + state(status));
      }
      headers.put("RateLimit-Policy", String.join(", ", policies));
      headers.put("RateLimit", String.join(", ", states));
    }
    decision
        .strictest()
        .ifPresent(
            strictest -> {
              headers.put("X-RateLimit-Limit", Long.toString(strictest.quota().limit()));
              headers.put("X-RateLimit-Remaining", Long.toString(strictest.remaining()));
              if (!strictest.quota().window().isZero()) {
                headers.put("X-RateLimit-Reset", Long.toString(secondsUntilReset(strictest)));
              }
            });
    if (!decision.allowed()) {
      decision
          .retryAfter()
          .ifPresent(wait -> headers.put("Retry-After", Long.toString(wholeSeconds(wait))));
    }
    return Collections.unmodifiableMap(headers);
  }

  /**
   * Each name once, in order: a caller could not tell two policies of one name apart. The strictest
   * status of a name stands; of equally strict ones the last.
   */
  private static Collection<RuleStatus> shown(List<RuleStatus> statuses) {
    Map<String, RuleStatus> shown = new LinkedHashMap<>();
    for (RuleStatus status : statuses) {
      if (status.enforced()) {
        shown.merge(
            status.rule(), status, (first, then) -> first.isStricterThan(then) ? first : then);
      }
    }
    return shown.values();
  }

  private static String policy(RuleStatus status) {
    Duration window = status.quota().window();
    String quota = ";q=" + status.quota().limit();
    return window.isZero() ? quota : quota + ";w=" + wholeSeconds(window);
  }

  private static String state(RuleStatus status) {
    String reset = status.quota().resetAfter().isZero() ? "" : ";t=" + secondsUntilReset(status);
    return ";r=" + status.remaining() + reset;
  }

  /**
   * Until there is more: to the end of a fixed window; else until a denied request is admitted;
   * else until the counter is as new.
   */
  private static long secondsUntilReset(RuleStatus status) {
    Duration reset = status.quota().resetAfter();
    return wholeSeconds(
        status.algorithm() == Algorithm.FIXED_WINDOW ? reset : status.retryAfter().orElse(reset));
  }

  /** Rounded up: who waits that long has waited long enough. */
  static long wholeSeconds(Duration duration) {
    return duration.getSeconds() + (duration.getNano() > 0 ? 1 : 0);
  }

  /**
   * A string of structured fields (RFC 9651): printable ASCII. Every other byte of its UTF-8 stands
   * as a percent sign and two digits.
   */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (byte unit : text.getBytes(StandardCharsets.UTF_8)) {
      int octet = unit & 0xff;
      if (octet < ' ' || octet > '~') {
        quoted.append('%').append(String.format("%02X", octet));
      } else {
        quoted.append(octet == '"' || octet == '\\' ? "\\" : "").append((char) octet);
      }
    }
    return quoted.append('"').toString();
  }
}
