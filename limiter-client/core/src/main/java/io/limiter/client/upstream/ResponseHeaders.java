package io.limiter.client.upstream;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The headers of one response, and what they say of limits. {@link UpstreamSaid} lists them. */
final class ResponseHeaders {
  /** What is longer says nothing of a limit, and is not worth the time to read it. */
  private static final int LONGEST_VALUE = 2_048;

  /** Three headers about one unit. */
  private record Triple(String unit, String limit, String remaining, String reset) {
    static Triple before(String prefix) {
      return new Triple("", prefix + "limit", prefix + "remaining", prefix + "reset");
    }

    static Triple openAi(String unit, String suffix) {
      return new Triple(
          unit,
          "x-ratelimit-limit-" + suffix,
          "x-ratelimit-remaining-" + suffix,
          "x-ratelimit-reset-" + suffix);
    }

    static Triple anthropic(String unit, String infix) {
      String prefix = "anthropic-ratelimit-" + infix;
      return new Triple(unit, prefix + "-limit", prefix + "-remaining", prefix + "-reset");
    }
  }

  private static final List<Triple> TRIPLES =
      List.of(
          Triple.before("ratelimit-"),
          new Triple("", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset-after"),
          Triple.before("x-ratelimit-"),
          Triple.before("x-rate-limit-"),
          Triple.openAi("", "requests"),
          Triple.openAi("tokens", "tokens"),
          Triple.anthropic("", "requests"),
          Triple.anthropic("tokens", "tokens"),
          Triple.anthropic("input_tokens", "input-tokens"),
          Triple.anthropic("output_tokens", "output-tokens"));

  private final Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Instant now;

  ResponseHeaders(Map<String, List<String>> headers, Instant local) {
    headers.forEach(
        (name, lines) -> {
          // The status line has no name where a JDK shows it as a header.
          if (name != null && lines != null && !lines.isEmpty()) {
            String value = String.join(", ", lines);
            if (value.length() <= LONGEST_VALUE) {
              values.put(name, value);
            }
          }
        });
    this.now = value("date").flatMap(Times::date).map(date -> within(local, date)).orElse(local);
  }

  /** The upstream's clock is in this second. */
  private static Instant within(Instant local, Instant second) {
    if (local.isBefore(second)) {
      return second;
    }
    Instant next = second.plusSeconds(1);
    return local.isBefore(next) ? local : next;
  }

  /**
   * GitHub refuses with 403 too ("Rate limits for the REST API"), and its limits name a resource.
   * Any other 403 means that the call is forbidden.
   */
  boolean isGitHubsRefusal() {
    return value("x-ratelimit-resource").isPresent()
        && (retryAfter().isPresent() || value("x-ratelimit-remaining").equals(Optional.of("0")));
  }

  /**
   * What they say, by unit.
   *
   * @param blocks whether Retry-After says when to come again
   * @param refused whether a limit refused the call, so that what has nothing left is to blame
   */
  List<Observation> observations(boolean blocks, boolean refused) {
    Map<String, Statement> strictest = new LinkedHashMap<>();
    for (Statement one : statements()) {
      strictest.merge(one.unit(), one, Statement::stricter);
    }
    Optional<Duration> block = blocks ? retryAfter() : Optional.empty();
    if (block.isEmpty() && refused) {
      block =
          strictest.values().stream()
              .filter(Statement::isUsedUp)
              .flatMap(one -> one.reset().stream())
              .max(Duration::compareTo);
    }
    if (block.isPresent()) {
      strictest.putIfAbsent("", Statement.NOTHING);
    }
    List<Observation> observations = new ArrayList<>(strictest.size());
    for (Statement one : strictest.values()) {
      one.observation(one.unit().isEmpty() ? block : Optional.empty()).ifPresent(observations::add);
    }
    return observations;
  }

  private List<Statement> statements() {
    List<Statement> all = new ArrayList<>();
    for (Triple triple : TRIPLES) {
      OptionalLong limit = count(triple.limit());
      OptionalLong remaining = count(triple.remaining());
      if (limit.isPresent() || remaining.isPresent()) {
        all.add(
            new Statement(
                triple.unit(),
                limit,
                remaining,
                value(triple.reset()).flatMap(reset -> Times.reset(reset, now))));
      }
    }
    value("ratelimit")
        .ifPresent(
            limits ->
                all.addAll(RateLimitField.read(limits, value("ratelimit-policy").orElse(""))));
    return all;
  }

  private Optional<Duration> retryAfter() {
    return value("retry-after-ms")
        .or(() -> value("x-ms-retry-after-ms"))
        .flatMap(Times::millis)
        .or(() -> value("retry-after").flatMap(after -> Times.retryAfter(after, now)));
  }

  private OptionalLong count(String name) {
    Optional<String> value = value(name);
    return value.isEmpty() ? OptionalLong.empty() : Numbers.count(value.get());
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(values.get(name)).map(String::trim);
  }
}
