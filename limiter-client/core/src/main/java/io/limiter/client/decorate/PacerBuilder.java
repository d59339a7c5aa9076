package io.limiter.client.decorate;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import java.time.Duration;

/** The settings of a {@link Pacer}. Not thread-safe. */
public final class PacerBuilder {
  private static final Duration LONGEST = Duration.ofDays(1);

  private final LimiterClient limiter;
  private final CheckRequest request;
  private int tries = 3;
  private int mostWaiting = 1_000;
  private Duration headStart = Duration.ofSeconds(10);
  private int failuresToOpen = 5;
  private Duration firstOpen = Duration.ofSeconds(1);
  private Duration longestOpen = Duration.ofMinutes(1);
  private boolean failsFastWhenOpen;

  PacerBuilder(LimiterClient limiter, CheckRequest request) {
    this.limiter = limiter;
    this.request = request;
  }

  /**
   * How often a call is made at most, with its repetitions.
   *
   * @param tries 1 or more; by default 3
   */
  public PacerBuilder tries(int tries) {
    this.tries = atLeast("tries", tries, 1);
    return this;
  }

  /**
   * How many calls may wait for room. One more ends at once with a {@link NotSentException}.
   *
   * @param mostWaiting 1 or more; by default 1000
   */
  public PacerBuilder mostWaiting(int mostWaiting) {
    this.mostWaiting = atLeast("mostWaiting", mostWaiting, 1);
    return this;
  }

  /**
   * What a step of priority is worth: a call goes before all of the next lower priority that came
   * no longer than that before it.
   *
   * @param headStart zero to a day; by default 10 s. Zero: by arrival alone
   */
  public PacerBuilder headStart(Duration headStart) {
    if (headStart.isNegative() || headStart.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "headStart %s is not within 0 and %s; pass what a low priority may be made to wait"
              .formatted(headStart, LONGEST));
    }
    this.headStart = headStart;
    return this;
  }

  /**
   * When the circuit breaker opens, and for how long. Failures and refusals count, if there is no
   * success between them.
   *
   * @param failures so many in a row open it; by default 5; 0: it never opens
   * @param first for how long at first; by default 1 s. It doubles each time that a probe fails
   * @param longest up to so long; by default a minute
   */
  public PacerBuilder circuitBreaker(int failures, Duration first, Duration longest) {
    this.failuresToOpen = atLeast("failures", failures, 0);
    if (first.isNegative() || first.isZero() || first.compareTo(longest) > 0) {
      throw new IllegalArgumentException(
          "first %s is not within 1 ns and longest, %s; pass such as 1 s and 1 min"
              .formatted(first, longest));
    }
    if (longest.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "longest %s is more than %s; pass such as 1 min".formatted(longest, LONGEST));
    }
    this.firstOpen = first;
    this.longestOpen = longest;
    return this;
  }

  /**
   * Ends calls at once with a {@link NotSentException} while the circuit is open. By default they
   * wait for it, within their time.
   */
  public PacerBuilder failFastWhenOpen() {
    this.failsFastWhenOpen = true;
    return this;
  }

  /** Ready to make calls. */
  public Pacer build() {
    return new Pacer(limiter, request, this);
  }

  int tries() {
    return tries;
  }

  int mostWaiting() {
    return mostWaiting;
  }

  Duration headStart() {
    return headStart;
  }

  Breaker breaker() {
    return new Breaker(failuresToOpen, Turn.nanos(firstOpen), Turn.nanos(longestOpen));
  }

  boolean failsFastWhenOpen() {
    return failsFastWhenOpen;
  }

  private static int atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s %d is below %d; pass %d or more".formatted(name, value, least, least));
    }
    return value;
  }
}
