package io.limiter.client.testing;

import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.DenialKind;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.RuleStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A limit of the fake: so many in each fixed window, for each value of the attributes, and no more
 * than an upstream was said to admit.
 */
final class Counter implements Counted {
  private static final Duration A_DAY = Duration.ofDays(1);

  private final String rule;
  private final long limit;
  private final Duration window;
  private final List<String> attributes;

  /** By the values of the attributes, in order. */
  private final Map<List<String>, Window> windows = new HashMap<>();

  /** What it learned, likewise. */
  private final Map<List<String>, Learned> learned = new HashMap<>();

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

  @Override
  public String rule() {
    return rule;
  }

  @Override
  public DenialKind kind() {
    return window.compareTo(A_DAY) < 0 ? DenialKind.RATE : DenialKind.QUOTA;
  }

  @Override
  public boolean appliesTo(Map<String, String> given) {
    return given.keySet().containsAll(attributes);
  }

  /** Holds to what an upstream said. */
  @Override
  public void observe(ObserveRequest told, Duration now) {
    learned.computeIfAbsent(key(told.getAttributesMap()), none -> new Learned()).observe(told, now);
  }

  private List<String> key(Map<String, String> given) {
    return attributes.stream().map(name -> given.getOrDefault(name, "")).toList();
  }

  @Override
  public RuleStatus ask(CheckAndConsumeRequest request, Duration now, boolean charged) {
    List<String> key = key(request.getAttributesMap());
    Learned known = learned.getOrDefault(key, new Learned());
    long cost = request.hasCost() ? request.getCost() : 1;
    long number = now.dividedBy(window);
    Window current = windows.get(key);
    long used = current == null || current.number != number ? 0 : current.used;
    Duration refused = known.retryAfter(cost, now);
    boolean admits = cost <= limit - used && refused.isZero();
    if (admits && charged) {
      used += cost;
      known.charge(cost, now);
      windows.put(key, new Window(number, used));
    }
    Duration rest = window.multipliedBy(number + 1).minus(now);
    RuleStatus.Builder status =
        RuleStatus.newBuilder()
            .setRule(rule)
            .setAlgorithm(Algorithm.FIXED_WINDOW)
            .setAllowed(admits)
            .setLimit(limit)
            .setRemaining(known.remaining(Math.max(0, limit - used), now))
            .setOwed(Math.max(0, used - limit))
            .setWindow(message(window));
    boolean byUpstream = status.getRemaining() < limit - used;
    if (byUpstream) {
      status.setResetAfter(message(known.resetAfter(now)));
    } else if (used > 0) {
      status.setResetAfter(message(rest));
    }
    if (!admits && cost > limit) {
      status.setNever(true);
    } else if (!admits) {
      boolean full = cost > limit - used && rest.compareTo(refused) > 0;
      status.setRetryAfter(message(full ? rest : refused));
    }
    return status.build();
  }

  @Override
  public void correct(Map<String, String> given, Duration then, Duration now, long more) {
    List<String> key = key(given);
    long number = now.dividedBy(window);
    Window current = windows.get(key);
    if (number == then.dividedBy(window) && current != null && current.number == number) {
      windows.put(key, new Window(number, Math.max(0, current.used + more)));
    }
  }

  static com.google.protobuf.Duration message(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
