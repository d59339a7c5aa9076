package io.limiter.server.http;

import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.live.RulesState;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is got: by monitoring, most of it.
 *
 * <ul>
 *   <li>{@code GET /metrics}: Prometheus text, or OpenMetrics when the caller accepts it.
 *   <li>{@code GET /livez}: 200 while the process can answer. It ignores Redis: a restart would not
 *       bring Redis back.
 *   <li>{@code GET /readyz}: 200 when this instance should get traffic, else 503, with the reasons.
 *       An instance that cannot ask Redis is ready: each rule says what is answered then.
 *   <li>{@code GET /healthcheck}: as envoyproxy/ratelimit has it: 200 and {@code OK} from the start
 *       to the shutdown, also while Redis is away; then 500.
 *   <li>{@code GET /openapi.json}: what this port serves, as OpenAPI has it.
 *   <li>{@code GET /rules}: the rules in force, since when, from which files, and the problems of
 *       the files that are not, as JSON.
 * </ul>
 */
final class Pages {
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Map<String, Function<HttpServerRequest, Page>> pages;

  /**
   * All of them.
   *
   * @param readiness asked each time; must not block
   * @param rules likewise
   */
  Pages(Metrics metrics, Supplier<Readiness> readiness, Supplier<RulesState> rules) {
    pages =
        Map.of(
            "/livez", request -> Page.text(200, "alive\n"),
            "/readyz", request -> readiness(readiness.get()),
            "/healthcheck", request -> healthcheck(readiness.get()),
            "/metrics", request -> metrics(metrics, request),
            "/openapi.json", request -> OpenApi.PAGE,
            "/rules", request -> RulesPage.of(rules.get()));
  }

  /** By path. */
  Map<String, Function<HttpServerRequest, Page>> byPath() {
    return pages;
  }

  private static Page readiness(Readiness readiness) {
    return Page.text(readiness.ready() ? 200 : 503, readiness.text());
  }

  private static Page healthcheck(Readiness readiness) {
    return readiness.readyBut("redis") ? Page.text(200, "OK") : Page.text(500, readiness.text());
  }

  private static Page metrics(Metrics metrics, HttpServerRequest request) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    String type =
        accept != null && accept.contains("application/openmetrics-text")
            ? OPEN_METRICS
            : PROMETHEUS;
    return new Page(200, type, metrics.scrape(type));
  }
}
