package io.limiter.server.store.lease;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.LeaseTerms;
import io.limiter.server.store.Answer;
import io.limiter.server.store.LeaseSource.Prefetched;
import io.limiter.server.store.LeaseSource.Unused;
import io.limiter.server.store.Source;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lease of one counter: what is held of it, and how it ends. Its {@link Pacing} says how much
 * to prefetch and when. Safe to share between threads; nobody waits here for longer than another
 * thread counts. Times are this instance's, in nanoseconds.
 */
final class Lease {

  /** A lease ends once. What a prefetch in flight brings after that depends on how it ended. */
  private enum State {
    /** Answers questions. */
    OPEN,
    /** Answers nothing more; what still comes is given back. */
    ENDED,
    /** Answers nothing more; what still comes was charged to a counter that is gone. */
    FORGOTTEN
  }

  /** What the last prefetch brought, and when. */
  private record Refill(Prefetched prefetched, long atNanos) {}

  private final String key;
  private final Limit limit;
  private final LeaseTerms terms;
  private final Holding holding;
  private final Pacing pacing;

  private State state = State.OPEN;

  /** Whether a prefetch is in flight: one at a time. */
  private boolean prefetching;

  /** Null before the first. */
  private @Nullable Refill last;

  private boolean usedSinceLast;
  private long usedNanos;
  private long askedNanos;

  /**
   * A lease that holds nothing yet.
   *
   * @param firstNanos when the first prefetch may be sent
   */
  Lease(String key, Limit limit, LeaseTerms terms, long nowNanos, long firstNanos) {
    this.key = key;
    this.limit = limit;
    this.terms = terms;
    this.holding = Holding.of(limit);
    this.pacing = new Pacing(terms, firstNanos);
    this.usedNanos = nowNanos;
    this.askedNanos = nowNanos;
  }

  /** Whether it is of this limit, on these terms. */
  boolean is(Limit other, @Nullable LeaseTerms otherTerms) {
    return (limit == other || limit.equals(other)) && terms.equals(otherTerms);
  }

  /** The admission of a cost, if so much is held; otherwise null. */
  synchronized @Nullable Answer take(long cost, long nowNanos) {
    Refill refill = last;
    if (state != State.OPEN || refill == null || !holding.take(cost, nowNanos)) {
      return null;
    }
    usedNanos = nowNanos;
    usedSinceLast = true;
    Prefetched known = refill.prefetched;
    long sinceMicros = Math.max(0, nowNanos - refill.atNanos) / 1_000;
    long remaining = Math.min(limit.limit(), known.remaining() + holding.tokens(nowNanos));
    long reset = holding.resetAfter(known.resetAfterMicros() - sinceMicros);
    return new Answer.Decided(
        true,
        List.of(new Outcome.Admitted(remaining, reset, /* delayMicros= */ 0)),
        known.nowMicros() + sinceMicros,
        /* receipt= */ null,
        /* replayed= */ false,
        Source.LEASE);
  }

  /**
   * How much to prefetch now, after a question about a cost; 0 for nothing. If it is more, a
   * prefetch counts as in flight until {@link #prefetched} or {@link #prefetchFailed} is called.
   */
  synchronized long wanted(long cost, long nowNanos) {
    boolean again = usedSinceLast || nowNanos - askedNanos < Pacing.TURN_NANOS;
    askedNanos = nowNanos;
    if (state != State.OPEN || prefetching || !again || !pacing.isDue(nowNanos)) {
      return 0;
    }
    if (pacing.isEnough(holding.tokens(nowNanos), cost)) {
      return 0;
    }
    Refill refill = last;
    if (refill != null) {
      pacing.lasted(nowNanos - refill.atNanos);
    }
    // Rounded up, so that not even with parts of tokens more than the terms allow is held.
    long wanted = pacing.sizeFor(cost) - holding.tokensRoundedUp(nowNanos);
    if (wanted > 0) {
      prefetching = true;
      holding.sending(nowNanos);
    }
    return Math.max(0, wanted);
  }

  /**
   * Adds what a prefetch brought.
   *
   * @return what of it is to be given back, if the lease has ended meanwhile; null for nothing
   */
  synchronized @Nullable Unused prefetched(Prefetched brought, long wanted, long nowNanos) {
    prefetching = false;
    if (state == State.FORGOTTEN) {
      return null;
    }
    holding.add(brought, nowNanos);
    if (state == State.ENDED) {
      return empty(nowNanos);
    }
    last = new Refill(brought, nowNanos);
    usedSinceLast = false;
    usedNanos = nowNanos;
    pacing.prefetched(brought.tokens(), wanted, brought.resetAfterMicros(), nowNanos);
    return null;
  }

  /** Notes that a prefetch failed. If it was charged nevertheless, that is never used. */
  synchronized void prefetchFailed(long nowNanos) {
    prefetching = false;
    pacing.failed(nowNanos);
  }

  /** Whether what is held was not used for so long that it is to be given back. */
  synchronized boolean isIdle(long nowNanos) {
    long since = holding.tokens(nowNanos) > 0 ? usedNanos : askedNanos;
    return nowNanos - since >= terms.idleMicros() * 1_000;
  }

  /** How many tokens are held. */
  synchronized long held(long nowNanos) {
    return holding.tokens(nowNanos);
  }

  /** Ends it. Returns what is to be given back, or null for nothing. */
  synchronized @Nullable Unused end(long nowNanos) {
    if (state == State.OPEN) {
      state = State.ENDED;
    }
    return empty(nowNanos);
  }

  /** Ends it, and gives nothing back, neither now nor of a prefetch in flight. */
  synchronized void forget(long nowNanos) {
    state = State.FORGOTTEN;
    var unused = empty(nowNanos);
  }

  private @Nullable Unused empty(long nowNanos) {
    Holding.Rest rest = holding.empty(nowNanos);
    return rest == null
        ? null
        : new Unused(
            key, limit.algorithm(), rest.tokens(), rest.windowEndMicros(), rest.notAfterMicros());
  }
}
