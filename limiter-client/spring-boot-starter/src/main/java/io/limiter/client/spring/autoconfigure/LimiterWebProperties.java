package io.limiter.client.spring.autoconfigure;

import io.limiter.client.spring.web.PathLimit;
import io.limiter.client.spring.web.PathLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of limits on HTTP requests.
 *
 * @param exceptionHandler Whether denials that controllers end with are answered with 429 and a
 *     problem. If not, handle DeniedException yourself.
 * @param headers Whether responses to admitted requests carry RateLimit headers. Those to denied
 *     requests always do.
 * @param longestDelay How long a leaky bucket may hold a request back, at most 1h. Who would have
 *     to wait longer is denied.
 * @param limits Limits by path. The first that matches a request counts.
 */
@ConfigurationProperties("limiter.client.web")
public record LimiterWebProperties(
    @DefaultValue("true") boolean exceptionHandler,
    @DefaultValue("true") boolean headers,
    @DefaultValue("1s") Duration longestDelay,
    @DefaultValue List<Limit> limits) {

  /**
   * A limit on some paths.
   *
   * @param paths Patterns, such as /api/**.
   * @param methods Methods of HTTP. Without it, all.
   * @param domain Which set of rules to ask. Without it, that of limiter.client.domain.
   * @param cost What to charge to rules that count requests.
   * @param attributes Where the value of each attribute comes from, by name: remote-address,
   *     principal, method, path, header:NAME or text:VALUE.
   */
  public record Limit(
      @DefaultValue List<String> paths,
      @DefaultValue List<String> methods,
      @Nullable String domain,
      @DefaultValue("1") long cost,
      @DefaultValue Map<String, String> attributes) {}

  /** The limits, read. */
  PathLimits pathLimits(@Nullable String defaultDomain) {
    return new PathLimits(
        "limiter.client.web.limits",
        limits.stream()
            .map(
                limit ->
                    new PathLimit(
                        limit.paths,
                        limit.methods,
                        domain(limit.domain, defaultDomain),
                        limit.cost,
                        limit.attributes))
            .toList());
  }

  private static String domain(@Nullable String own, @Nullable String defaultDomain) {
    if (own != null) {
      return own;
    }
    return defaultDomain == null ? "" : defaultDomain;
  }
}
