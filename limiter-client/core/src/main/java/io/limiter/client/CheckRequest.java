package io.limiter.client;

import io.limiter.v1.CheckAndConsumeRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A question: may this go ahead now? Immutable: every step returns another one. So keep a common
 * beginning and share it between threads. The service checks the question; its bounds are in the
 * wire contract.
 */
public final class CheckRequest {
  private final CheckAndConsumeRequest message;
  private final @Nullable Duration deadline;
  private final @Nullable OnUnreachable onUnreachable;

  private CheckRequest(
      CheckAndConsumeRequest message,
      @Nullable Duration deadline,
      @Nullable OnUnreachable onUnreachable) {
    this.message = message;
    this.deadline = deadline;
    this.onUnreachable = onUnreachable;
  }

  /**
   * A question of cost 1, without attributes.
   *
   * @param domain which set of rules; 1 to 128 bytes
   */
  public static CheckRequest in(String domain) {
    return new CheckRequest(
        CheckAndConsumeRequest.newBuilder().setDomain(domain).build(), null, null);
  }

  /**
   * Describes the request: who, from where, what. A name that was given before gets the new value.
   */
  public CheckRequest attribute(String name, String value) {
    return with(builder -> builder.putAttributes(name, value));
  }

  /** The same for each entry. */
  public CheckRequest attributes(Map<String, String> attributes) {
    return with(builder -> builder.putAllAttributes(attributes));
  }

  /**
   * What is charged to rules that count requests.
   *
   * @param cost 0 to 2^52; 0 looks without charging. Without this step it is 1
   */
  public CheckRequest cost(long cost) {
    return with(builder -> builder.setCost(notNegative("cost", cost)));
  }

  /**
   * What is charged to rules that count another unit. A rule whose unit is not named is charged 0.
   *
   * @param cost 0 to 2^52
   */
  public CheckRequest unitCost(String unit, long cost) {
    return with(
        builder -> builder.putUnitCosts(unit, notNegative("unit_costs[" + unit + "]", cost)));
  }

  /**
   * Says how important it is, to rules with priorities: one of a low priority is denied while there
   * is still room for those of a higher one.
   *
   * @param priority as the rules name it; at most 64 bytes. Without this step, and for one that a
   *     rule does not name, the rule's default
   */
  public CheckRequest priority(String priority) {
    return with(builder -> builder.setPriority(priority));
  }

  /** Adds a rule of the caller's own. If there is one, the domain's rules are not applied. */
  public CheckRequest inlineRule(InlineRule rule) {
    return with(builder -> builder.addInlineRules(rule.message()));
  }

  /**
   * Asks for a {@link Receipt}, so that the charge can be {@link LimiterClient#refund given back}
   * later.
   */
  public CheckRequest receipt() {
    return with(builder -> builder.setWantReceipt(true));
  }

  /**
   * Has rules that hold take the cost as a hold, until it is settled, released, or over. What other
   * rules charge is final. An admission then has a {@link Receipt}, for {@link
   * LimiterClient#holds}.
   *
   * @param longest until it ends by itself; positive. At most as long as the rule says. Concurrency
   *     limits always hold: without this step, for as long as they say
   */
  public CheckRequest hold(Duration longest) {
    return with(builder -> builder.setHold(Wire.message(positive("hold", longest))));
  }

  /** For how long at most it is held; empty if {@link #hold} did not say. */
  public Optional<Duration> holds() {
    return message.hasHold() ? Optional.of(Wire.duration(message.getHold())) : Optional.empty();
  }

  /**
   * Makes it safe to ask again. For a minute the same question under this key gets the same
   * admission, and is charged once. A denial is not kept.
   *
   * @param key a new one for each question; at most 128 bytes. Another question about the same
   *     counter under this key is refused
   */
  public CheckRequest idempotencyKey(String key) {
    return with(builder -> builder.setIdempotencyKey(key));
  }

  /** The longest wait for an answer, in place of the client's own deadline; positive. */
  public CheckRequest deadline(Duration deadline) {
    return new CheckRequest(message, positive("deadline", deadline), onUnreachable);
  }

  /** What to answer when no answer comes, in place of the client's own setting. */
  public CheckRequest onUnreachable(OnUnreachable onUnreachable) {
    return new CheckRequest(message, deadline, onUnreachable);
  }

  CheckAndConsumeRequest message() {
    return message;
  }

  Optional<Duration> deadline() {
    return Optional.ofNullable(deadline);
  }

  Optional<OnUnreachable> onUnreachable() {
    return Optional.ofNullable(onUnreachable);
  }

  @Override
  public String toString() {
    return message.toString();
  }

  static Duration positive(String name, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(
          "%s %s is not positive; pass at least one nanosecond".formatted(name, duration));
    }
    return duration;
  }

  private static long notNegative(String field, long value) {
    if (value < 0) {
      // On the wire a negative number would turn into one near 2^64.
      throw new InvalidRequestException(
          field, value + " is below 0; pass 0 to look without charging, or more");
    }
    return value;
  }

  private CheckRequest with(Consumer<CheckAndConsumeRequest.Builder> step) {
    CheckAndConsumeRequest.Builder builder = message.toBuilder();
    step.accept(builder);
    return new CheckRequest(builder.build(), deadline, onUnreachable);
  }
}
