package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.LimitOutOfBoundsException;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Makes limits of an algorithm and its numbers, and says where they do not fit together. */
final class LimitReader {
  private final Problems problems;

  LimitReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * The limit, or null after adding to the problems.
   *
   * @param own what the rule, override or candidate at hand says
   * @param inherited what it goes without saying
   * @param at where something that is missing is missing
   */
  @Nullable Limit read(Algorithm algorithm, Numbers own, Numbers inherited, Node at) {
    Numbers all = own.orElse(inherited);
    try {
      return switch (algorithm) {
        case FIXED_WINDOW -> fixedWindow(all, own, at);
        case SLIDING_LOG, SLIDING_COUNTER -> sliding(algorithm, all, own, at);
        case TOKEN_BUCKET, LEAKY_BUCKET -> bucket(algorithm, all, at);
      };
    } catch (LimitOutOfBoundsException e) {
      String message = String.valueOf(e.getMessage());
      problems.add(
          culprit(own, e.field(), at),
          algorithm == Algorithm.TOKEN_BUCKET ? message.replace("capacity", "burst") : message);
      return null;
    }
  }

  /**
   * What is wrong with merged numbers is said where they were merged: what is inherited is fine.
   */
  private static Node culprit(Numbers own, String parameter, Node at) {
    Node exact = own.at(parameter);
    if (exact != null) {
      return exact;
    }
    List<Node> given = own.given();
    return given.isEmpty() ? at : given.get(0);
  }

  private @Nullable Limit fixedWindow(Numbers all, Numbers own, Node at) {
    Given<Long> limit = all.limit();
    Given<Window> window = all.window();
    if (limit == null || window == null) {
      missing(Algorithm.FIXED_WINDOW, limit == null ? "limit" : "window", at);
      return null;
    }
    if (window.value() instanceof Window.Calendar calendar && all.zone() != null) {
      return new FixedWindow(
          limit.value(), new Window.Calendar(calendar.unit(), all.zone().value()));
    }
    if (window.value() instanceof Window.Span && own.zone() != null) {
      problems.add(
          own.zone().at(),
          "zone does not belong to window %s; remove it, or use window: day, week, month or year"
              .formatted(window.value()));
      return null;
    }
    return new FixedWindow(limit.value(), window.value());
  }

  private @Nullable Limit sliding(Algorithm algorithm, Numbers all, Numbers own, Node at) {
    Given<Long> limit = all.limit();
    Given<Window> window = all.window();
    if (limit == null || window == null) {
      missing(algorithm, limit == null ? "limit" : "window", at);
      return null;
    }
    if (!(window.value() instanceof Window.Span span)) {
      problems.add(
          own.window() == null ? at : own.window().at(),
          "%s has no calendar windows; use a duration such as 30d, or algorithm: fixed-window"
              .formatted(algorithm.label()));
      return null;
    }
    return algorithm == Algorithm.SLIDING_LOG
        ? new SlidingLog(limit.value(), span.micros())
        : new SlidingCounter(limit.value(), span.micros());
  }

  private @Nullable Limit bucket(Algorithm algorithm, Numbers all, Node at) {
    Given<Syntax.Rate> rate = all.rate();
    if (rate == null) {
      missing(algorithm, "rate", at);
      return null;
    }
    long amount = rate.value().amount();
    long period = rate.value().periodMicros();
    if (algorithm == Algorithm.TOKEN_BUCKET) {
      long burst = all.burst() == null ? amount : all.burst().value();
      return TokenBucket.of(amount, period, burst);
    }
    if (all.capacity() == null) {
      missing(algorithm, "capacity", at);
      return null;
    }
    return LeakyBucket.of(amount, period, all.capacity().value());
  }

  private void missing(Algorithm algorithm, String field, Node at) {
    String example =
        switch (field) {
          case "limit" -> "100";
          case "window" -> "1m";
          case "rate" -> "100/s";
          default -> "200";
        };
    problems.add(
        at,
        "%s is missing; %s needs it, such as %s: %s"
            .formatted(field, algorithm.label(), field, example));
  }
}
