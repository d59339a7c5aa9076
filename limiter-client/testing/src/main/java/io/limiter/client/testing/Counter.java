package io.limiter.client.testing;

import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.RuleStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A limit of the fake: so many in each fixed window, for each value of the attributes. */
final class Counter {
  private final String rule;
  private final long limit;
  private final Duration window;
  private final List<String> attributes;

  /** By the values of the attributes, in order. */
  private final Map<List<String>, Window> windows = new HashMap<>();

  private record Window(long number, long used) {}

  Counter(String rule, long limit, Duration window, List<String> attributes) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit %d is below 0; pass 0 or more".formatted(limit));
    }
    if (window.isNegative() || window.isZero()) {
      throw new IllegalArgumentException(
          "window %s is not positive; pass a second, a minute, …".formatted(window));
    }
    this.rule = rule;
    this.limit = limit;
    this.window = window;
    this.attributes = List.copyOf(attributes);
  }

  /** Whether it counts this question: it has all of its attributes. */
  boolean appliesTo(CheckAndConsumeRequest request) {
    return request.getAttributesMap().keySet().containsAll(attributes);
  }

  /**
   * What it says to a question.
   *
   * @param charged whether it is charged, if it admits
   */
  RuleStatus ask(CheckAndConsumeRequest request, Duration now, boolean charged) {
    List<String> key = attributes.stream().map(request::getAttributesOrThrow).toList();
    long cost = request.hasCost() ? request.getCost() : 1;
    long number = now.dividedBy(window);
    Window current = windows.get(key);
    long used = current == null || current.number != number ? 0 : current.used;
    boolean admits = cost <= limit - used;
    if (admits && charged) {
      used += cost;
      windows.put(key, new Window(number, used));
    }
    Duration rest = window.multipliedBy(number + 1).minus(now);
    RuleStatus.Builder status =
        RuleStatus.newBuilder()
            .setRule(rule)
            .setAlgorithm(Algorithm.FIXED_WINDOW)
            .setAllowed(admits)
            .setLimit(limit)
            .setRemaining(limit - used)
            .setWindow(message(window));
    if (used > 0) {
      status.setResetAfter(message(rest));
    }
    if (!admits && cost > limit) {
      status.setNever(true);
    } else if (!admits) {
      status.setRetryAfter(message(rest));
    }
    return status.build();
  }

  static com.google.protobuf.Duration message(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
