package io.limiter.client.spring.actuate;

import io.limiter.client.LimiterClient;
import io.limiter.client.Source;
import io.limiter.client.spring.actuate.DecisionCounter.Outcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;

/**
 * Meters of a client.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><td>{@code limiter.client.decisions}</td>
 *       <td>by {@code outcome} (admitted, denied, invalid) and {@code source}, 21 in all. Counts
 *       decisions of the auto-configured client only</td></tr>
 *   <tr><td>{@code limiter.client.failed.open}</td><td>requests that went ahead unchecked</td></tr>
 *   <tr><td>{@code limiter.client.retried}</td><td>sent again</td></tr>
 *   <tr><td>{@code limiter.client.denied.near}</td><td>denied again without a call</td></tr>
 * </table>
 */
public class LimiterClientMetrics implements MeterBinder {
  private final LimiterClient limiter;
  private final DecisionCounter decisions;

  /** Meters of a client and of what its listener counted. */
  public LimiterClientMetrics(LimiterClient limiter, DecisionCounter decisions) {
    this.limiter = limiter;
    this.decisions = decisions;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (Source source : Source.values()) {
      bind(registry, Outcome.ADMITTED, source);
      bind(registry, Outcome.DENIED, source);
    }
    bind(registry, Outcome.INVALID, Source.CLIENT);
    FunctionCounter.builder("limiter.client.failed.open", limiter, LimiterClient::failedOpen)
        .description("Requests that went ahead unchecked, because no answer came")
        .register(registry);
    FunctionCounter.builder("limiter.client.retried", limiter, LimiterClient::retried)
        .description("Questions, refunds and resets that were sent again")
        .register(registry);
    FunctionCounter.builder("limiter.client.denied.near", limiter, LimiterClient::deniedNear)
        .description("Questions that were denied again without a call")
        .register(registry);
  }

  private void bind(MeterRegistry registry, Outcome outcome, Source source) {
    FunctionCounter.builder(
            "limiter.client.decisions", decisions, counter -> counter.count(outcome, source))
        .description("Answers to questions")
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .tag("source", source.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }
}
