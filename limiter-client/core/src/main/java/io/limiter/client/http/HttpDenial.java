package io.limiter.client.http;

import io.limiter.client.Decision;
import io.limiter.client.RuleStatus;
import io.limiter.client.Source;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to a request that must not go ahead. It names the rules that denied, and nothing else
 * of what is behind them.
 *
 * <table>
 *   <caption>Kinds</caption>
 *   <tr><td>A rule denied.</td><td>429</td><td>{@code #quota-exceeded}</td></tr>
 *   <tr><td>Nobody could decide.</td><td>503</td><td>{@code #temporary-reduced-capacity}</td></tr>
 * </table>
 *
 * <p>The types are those of draft-ietf-httpapi-ratelimit-headers-10.
 *
 * @param status 429 or 503
 * @param headers {@link RateLimitHeaders#of} the decision
 * @param type of the problem, a URI
 * @param title of the problem, for people
 * @param violatedPolicies the names of the rules that denied; empty if nobody could decide
 */
public record HttpDenial(
    int status,
    Map<String, String> headers,
    String type,
    String title,
    List<String> violatedPolicies) {

  /** The media type of {@link #json()}. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** The field of the problem that holds {@link #violatedPolicies()}. */
  public static final String VIOLATED_POLICIES = "violated-policies";

  private static final String TYPES = "https://iana.org/assignments/http-problem-types#";

  public HttpDenial {
    // Map.copyOf would lose their order.
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    violatedPolicies = List.copyOf(violatedPolicies);
  }

  /**
   * The answer to one.
   *
   * @param decision one that does not allow the request
   * @throws IllegalArgumentException if it does
   */
  public static HttpDenial of(Decision decision) {
    if (decision.allowed()) {
      throw new IllegalArgumentException("the decision allows the request; let it go ahead");
    }
    Map<String, String> headers = RateLimitHeaders.of(decision);
    if (decision.failure().isPresent() || decision.source() == Source.FAIL_CLOSED) {
      return new HttpDenial(
          503,
          headers,
          TYPES + "temporary-reduced-capacity",
          "Request cannot be satisfied due to temporary server capacity constraints",
          List.of());
    }
    return new HttpDenial(
        429,
        headers,
        TYPES + "quota-exceeded",
        "Request cannot be satisfied as assigned quota has been exceeded",
        violated(decision));
  }

  /** The problem (RFC 9457) as JSON. */
  public String json() {
    StringBuilder json = new StringBuilder(256).append("{\"type\":");
    quote(json, type);
    quote(json.append(",\"title\":"), title);
    json.append(",\"status\":").append(status);
    if (!violatedPolicies.isEmpty()) {
      char before = '[';
      json.append(",\"" + VIOLATED_POLICIES + "\":");
      for (String rule : violatedPolicies) {
        quote(json.append(before), rule);
        before = ',';
      }
      json.append(']');
    }
    return json.append('}').toString();
  }

  private static List<String> violated(Decision decision) {
    return decision.statuses().stream()
        .filter(status -> status.enforced() && !status.allowed())
        .map(RuleStatus::rule)
        .distinct()
        .toList();
  }

  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A lone surrogate cannot be written as UTF-8.
      if (c < ' ' || Character.isSurrogate(c)) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    json.append('"');
  }
}
