package io.limiter.client.upstream;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What one answer of an upstream says of its limits. Immutable.
 *
 * @param outcome what became of the call
 * @param observations at most one for each unit; empty if it says nothing
 */
public record UpstreamSaid(Outcome outcome, List<Observation> observations) {
  private static final int FORBIDDEN = 403;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVICE_UNAVAILABLE = 503;

  /** Of no standard: Anthropic says so when it is overloaded. */
  private static final int OVERLOADED = 529;

  /** What became of a call. */
  public enum Outcome {
    /** It was answered, if only with a mistake of the caller's. */
    ANSWERED,
    /** A limit refused it, and nothing was done: 429. */
    REFUSED,
    /** The upstream takes no calls for a while: 503. It may have begun with this one. */
    UNAVAILABLE,
    /** Something is broken: another 5xx, or no answer at all. */
    FAILED
  }

  public UpstreamSaid {
    observations = List.copyOf(observations);
  }

  /** An answer that says nothing of limits. */
  public static UpstreamSaid nothing(Outcome outcome) {
    return new UpstreamSaid(outcome, List.of());
  }

  /** Reads a response of HTTP that came just now, by the clock of this machine. */
  public static UpstreamSaid http(int status, Map<String, List<String>> headers) {
    return http(status, headers, Instant.now());
  }

  /**
   * Reads a response of HTTP. Never throws, whatever stands in the headers: values that make no
   * sense are ignored, and times beyond 366 days are cut to that or ignored.
   *
   * <table>
   *   <caption>Headers, in any case of letters</caption>
   *   <tr><td>{@code Retry-After}: seconds or a date</td><td>RFC 9110, section 10.2.3</td></tr>
   *   <tr><td>{@code retry-after-ms}, {@code x-ms-retry-after-ms}</td>
   *       <td>the clients of OpenAI and Azure read it before Retry-After</td></tr>
   *   <tr><td>{@code RateLimit}, {@code RateLimit-Policy}: {@code "default";r=50;t=30},
   *       {@code "default";q=100;w=60}</td>
   *       <td>draft-ietf-httpapi-ratelimit-headers-10; also {@code limit=100, remaining=50,
   *       reset=30} of its version 07</td></tr>
   *   <tr><td>{@code RateLimit-Limit}, {@code -Remaining}, {@code -Reset}</td>
   *       <td>the same draft up to version 06</td></tr>
   *   <tr><td>{@code X-RateLimit-Limit}, {@code -Remaining}, {@code -Reset}; also
   *       {@code X-Rate-Limit-}</td>
   *       <td>of no standard. GitHub: "Rate limits for the REST API"; X: "Rate limits"</td></tr>
   *   <tr><td>{@code X-RateLimit-Reset-After}: seconds</td><td>Discord: "Rate Limits"</td></tr>
   *   <tr><td>{@code x-ratelimit-limit-requests}, {@code -tokens}, likewise remaining and reset:
   *       {@code 6m0s}, {@code 20ms}</td><td>OpenAI: "Rate limits in headers"</td></tr>
   *   <tr><td>{@code anthropic-ratelimit-requests-limit}, {@code -remaining}, {@code -reset};
   *       likewise of tokens, input-tokens and output-tokens</td>
   *       <td>Anthropic: "Rate limits, response headers"</td></tr>
   * </table>
   *
   * <p>A reset is told apart by its size: up to 366 days it is seconds from now, then seconds since
   * 1970, and from 10^11 on milliseconds since 1970. It may also be a date of HTTP, RFC 3339, or a
   * duration such as {@code 1m30s}.
   *
   * <p>Units are requests (empty), {@code tokens}, {@code input_tokens}, {@code output_tokens}, and
   * those that a RateLimit-Policy names in {@code qu}. If there is more than one statement about a
   * unit, the one that leaves least counts.
   *
   * @param headers by name, as {@code java.net.http.HttpHeaders#map} gives them
   * @param now the time of this machine. Dates are judged by the response's own {@code Date}. That
   *     is a whole second, within which the time of this machine says where
   */
  public static UpstreamSaid http(int status, Map<String, List<String>> headers, Instant now) {
    ResponseHeaders read = new ResponseHeaders(headers, now);
    Outcome outcome = outcome(status, read);
    boolean refused = outcome == Outcome.REFUSED;
    return new UpstreamSaid(
        outcome, read.observations(refused || outcome == Outcome.UNAVAILABLE, refused));
  }

  private static Outcome outcome(int status, ResponseHeaders headers) {
    if (status == TOO_MANY_REQUESTS || (status == FORBIDDEN && headers.isGitHubsRefusal())) {
      return Outcome.REFUSED;
    }
    if (status == SERVICE_UNAVAILABLE || status == OVERLOADED) {
      return Outcome.UNAVAILABLE;
    }
    return status >= 500 ? Outcome.FAILED : Outcome.ANSWERED;
  }
}
