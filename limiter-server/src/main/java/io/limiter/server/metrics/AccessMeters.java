package io.limiter.server.metrics;

import io.limiter.server.access.AccessListener;
import io.limiter.server.access.AccessTable;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who is refused, and who asks how much. A refusal is labelled by its kind and method alone:
 * anybody can cause one. The names of callers are an operator's, and the first of them are labels
 * of what they asked.
 */
final class AccessMeters implements AccessListener {
  /** So many callers are named. */
  private static final int MOST_NAMED = 1_000;

  private static final String OTHERS = "(others)";
  private static final String ANONYMOUS = "(anonymous)";

  private record Refused(String kind, String method) {}

  private final MeterRegistry registry;
  private final Map<Refused, Counter> refused = new ConcurrentHashMap<>();
  private final Map<String, Counter> questions = new ConcurrentHashMap<>();
  private final AtomicInteger callers = new AtomicInteger();
  private final Counter good;
  private final Counter bad;

  AccessMeters(MeterRegistry registry) {
    this.registry = registry;
    good = loads("good");
    bad = loads("bad");
    Gauge.builder("limiter.access.callers", callers, AtomicInteger::get)
        .description("Callers in the file of access in force")
        .register(registry);
  }

  private Counter loads(String outcome) {
    return Counter.builder("limiter.access.loads")
        .description("Times that changed files of access were read")
        .tag("outcome", outcome)
        .register(registry);
  }

  @Override
  public void refused(Refusal refusal) {
    String kind = refusal.kind().name().toLowerCase(Locale.ROOT);
    String method = refusal.method().isEmpty() ? "(none)" : refusal.method();
    refused
        .computeIfAbsent(
            new Refused(kind, method),
            labels ->
                Counter.builder("limiter.access.refused")
                    .description("Calls and questions that were refused to their callers")
                    .tag("kind", labels.kind())
                    .tag("method", labels.method())
                    .register(registry))
        .increment();
  }

  @Override
  public void asked(String caller, int count) {
    String name = caller.isEmpty() ? ANONYMOUS : caller;
    Counter counter = questions.get(name);
    if (counter == null) {
      counter =
          questions.computeIfAbsent(
              questions.size() < MOST_NAMED ? name : OTHERS,
              label ->
                  Counter.builder("limiter.access.questions")
                      .description("Questions and other calls of known callers")
                      .tag("caller", label)
                      .register(registry));
    }
    counter.increment(count);
  }

  /** Whoever is a caller no more leaves its place to others. */
  @Override
  public void loaded(boolean isGood, AccessTable table) {
    (isGood ? good : bad).increment();
    callers.set(table.callers().size());
    questions
        .entrySet()
        .removeIf(
            one -> {
              String name = one.getKey();
              boolean gone = !name.startsWith("(") && table.caller(name) == null;
              if (gone) {
                registry.remove(one.getValue());
              }
              return gone;
            });
  }
}
