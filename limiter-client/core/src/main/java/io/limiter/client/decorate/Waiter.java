package io.limiter.client.decorate;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.RuleStatus;
import io.limiter.client.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A call that waits for room. Comes before those of a lower rank, and of one rank before those of a
 * higher number.
 *
 * <p>The rank is when it came, less a head start for its priority. So it is overtaken only by those
 * that come within that time after it, and none is overtaken for ever.
 */
final class Waiter implements Comparable<Waiter> {
  final CheckRequest request;
  final long endNanos;
  private final long rankNanos;
  private final long number;

  /** Completes when the call may be made; fails when it must not. */
  final CompletableFuture<Decision> room = new CompletableFuture<>();

  // Under the lock of the waiting room.

  /** Whether it stands in the queue. */
  boolean queued;

  /** Whether something ends its wait. */
  boolean timed;

  /** Whether it probes for the circuit breaker. */
  boolean probe;

  /** When it was let go. Written before {@link #room} completes. */
  volatile long startNanos;

  Waiter(CheckRequest request, long endNanos, long rankNanos, long number) {
    this.request = request;
    this.endNanos = endNanos;
    this.rankNanos = rankNanos;
    this.number = number;
  }

  /** Ends its wait since nothing passes for so long. */
  void deny(Decision decision) {
    room.completeExceptionally(new DeniedException(decision));
  }

  /** The same by what this process knows itself: nothing passes for so long. */
  void denyFor(long nanos, List<RuleStatus> statuses) {
    deny(
        new Decision.Denied(
            Source.CLIENT, statuses, Optional.of(Duration.ofNanos(Math.max(1, nanos)))));
  }

  /** How long it can still wait; 0 or more. */
  long left(long nowNanos) {
    return Math.max(0, endNanos - nowNanos);
  }

  @Override
  public int compareTo(Waiter other) {
    // The difference is right even where System.nanoTime overflows.
    int compared = Long.signum(rankNanos - other.rankNanos);
    return compared != 0 ? compared : Long.compare(number, other.number);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(number);
  }
}
