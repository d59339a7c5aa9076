package io.limiter.client.testing;

import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.DenialKind;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.RuleStatus;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** A limit of what happens at once: it counts what is held. */
final class AtOnce implements Counted {
  private final String rule;
  private final long limit;
  private final Duration hold;
  private final List<String> attributes;
  private final OpenHolds holds;

  AtOnce(String rule, long limit, Duration hold, List<String> attributes, OpenHolds holds) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit %d is below 0; pass 0 or more".formatted(limit));
    }
    if (hold.isNegative() || hold.isZero()) {
      throw new IllegalArgumentException(
          "hold %s is not positive; pass a second, a minute, …".formatted(hold));
    }
    this.rule = rule;
    this.limit = limit;
    this.hold = hold;
    this.attributes = List.copyOf(attributes);
    this.holds = holds;
  }

  /** For how long it holds at most. */
  Duration hold() {
    return hold;
  }

  @Override
  public String rule() {
    return rule;
  }

  @Override
  public DenialKind kind() {
    return DenialKind.CONCURRENCY;
  }

  @Override
  public boolean appliesTo(Map<String, String> given) {
    return given.keySet().containsAll(attributes);
  }

  @Override
  public RuleStatus ask(CheckAndConsumeRequest request, Duration now, boolean charged) {
    long cost = request.hasCost() ? request.getCost() : 1;
    List<OpenHolds.Hold> same =
        holds.open().stream()
            .filter(one -> appliesTo(one.attributes()))
            .filter(one -> key(one.attributes()).equals(key(request.getAttributesMap())))
            .toList();
    long used = same.stream().mapToLong(OpenHolds.Hold::cost).sum();
    boolean admits = cost <= limit - used;
    long held = used + (admits && charged ? cost : 0);
    RuleStatus.Builder status =
        RuleStatus.newBuilder()
            .setRule(rule)
            .setAlgorithm(Algorithm.CONCURRENCY_LIMIT)
            .setAllowed(admits)
            .setLimit(limit)
            .setRemaining(Math.max(0, limit - held))
            .setHeld(held)
            .setWindow(Counter.message(hold));
    if (!admits && cost > limit) {
      status.setNever(true);
    } else if (!admits) {
      status.setRetryAfter(Counter.message(wait(same, cost - (limit - used), now)));
    }
    return status.build();
  }

  /** Until so much has come free by itself. */
  private static Duration wait(List<OpenHolds.Hold> holds, long missing, Duration now) {
    long free = 0;
    for (OpenHolds.Hold one :
        holds.stream().sorted(Comparator.comparing(OpenHolds.Hold::expires)).toList()) {
      free += one.cost();
      if (free >= missing) {
        return one.expires().minus(now);
      }
    }
    throw new IllegalStateException("less is held than stands in the way: " + missing);
  }

  private List<String> key(Map<String, String> given) {
    return attributes.stream().map(name -> given.getOrDefault(name, "")).toList();
  }

  @Override
  public void observe(ObserveRequest told, Duration now) {}

  /** What is held is counted anew each time. */
  @Override
  public void correct(Map<String, String> given, Duration then, Duration now, long more) {}
}
