package io.limiter.share;

import io.limiter.algorithm.Outcome;

/**
 * How long a cost is denied if nothing else comes: while all are active who are now, then while
 * those are who asked in this epoch, then with nobody else. What it says is never too early.
 */
final class SharedWait {
  private final SharedStep step;

  SharedWait(SharedStep step) {
    this.step = step;
  }

  /** From the time of the decision, 1 or more. */
  long micros() {
    return Math.max(1, step.isWindow ? waitOfWindow() : waitOfBucket());
  }

  private long waitOfBucket() {
    double first = bucketWait(step.sharers.guarantees().active(), step.sharers.weights().active());
    if (first < step.stop - step.nowMicros) {
      return (long) first;
    }
    double second =
        Math.max(
            (double) (step.stop - step.nowMicros),
            bucketWait(step.sharers.guarantees().asked(), step.sharers.weights().asked()));
    if (second < step.next - step.nowMicros) {
      return (long) second;
    }
    return (long) Math.max((double) (step.next - step.nowMicros), poolWait((double) step.cost));
  }

  private double bucketWait(long active, long weights) {
    double asked = (double) step.cost;
    double soonest = Math.max(untilHeld(asked, active), poolWait(asked));
    if (step.terms.borrows()) {
      double reserve = step.reserve(active);
      soonest =
          Math.min(
              soonest,
              Math.max(
                  untilHeld(asked - step.behind(), active), poolWait(asked + Math.ceil(reserve))));
      soonest =
          Math.min(soonest, poolWait(asked + Math.ceil(reserve + step.buffer(active, weights))));
    }
    return soonest;
  }

  private double untilHeld(double tokens, long active) {
    if (tokens > step.ceiling(active)) {
      return Double.POSITIVE_INFINITY;
    }
    double lacks = tokens - step.held;
    // A microsecond more, since what is renewed until then is rounded.
    return lacks <= 0
        ? 0
        : (double) (step.time - step.nowMicros) + Math.ceil(lacks / step.renewed(1, active)) + 1;
  }

  /** Until the pool takes so much. */
  private double poolWait(double tokens) {
    if (tokens > step.pool.limit()) {
      return Double.POSITIVE_INFINITY;
    }
    Outcome outcome = step.pool.decide(step.before.pool(), (long) tokens, step.nowMicros).outcome();
    return outcome instanceof Outcome.Denied denied ? denied.retryAfterMicros() : 0;
  }

  private long waitOfWindow() {
    Sharers.Sum guarantees = step.sharers.guarantees();
    if (step.terms.borrows() && step.room >= step.cost) {
      double reserved =
          step.cost <= step.behind()
              ? step.reserve(guarantees.active())
              : step.reserve(guarantees.active())
                  + step.buffer(guarantees.active(), step.sharers.weights().active());
      double at = windowTime(step.room - step.cost, reserved, step.time, step.start, step.stop);
      if (at < step.stop) {
        return (long) at - step.nowMicros;
      }
    }
    if (step.cost <= step.ceiling(guarantees.asked())) {
      return step.stop - step.nowMicros;
    }
    if (step.terms.borrows()) {
      double reserved =
          step.reserve(guarantees.asked())
              + step.buffer(guarantees.asked(), step.sharers.weights().asked());
      double at =
          windowTime(step.pool.limit() - step.cost, reserved, step.stop, step.stop, step.next);
      if (at < step.next) {
        return (long) at - step.nowMicros;
      }
    }
    return step.next - step.nowMicros;
  }

  /** When in a window so much is free beyond what is reserved there. */
  private static double windowTime(long free, double reserved, long from, long begin, long end) {
    double length = (double) (end - begin);
    double least = Math.ceil((double) end - (double) free * length / reserved);
    double at = reserved > free ? Math.max((double) from, least) : (double) from;
    while (at < end && Math.ceil(reserved * ((end - at) / length)) > free) {
      at++;
    }
    return at;
  }
}
