package io.limiter.server.store.lease;

import io.limiter.algorithm.LeaseTerms;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.server.store.Answer;
import io.limiter.server.store.LeaseSource.Drawn;
import io.limiter.server.store.LeaseSource.Unused;
import io.limiter.server.store.Source;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lease of one counter: what is held of it, how much to draw, and when. Safe to share between
 * threads; nothing waits here for longer than another thread counts. Times are this instance's, in
 * nanoseconds.
 *
 * <p>How much to draw follows the traffic: a draw fills up to {@code size}, when less than half of
 * that is held. If that half was used up within a {@link #TURN_NANOS turn}, the size doubles; if it
 * lasted more than four, it halves. So a busy counter is drawn from some 5 to 20 times a second
 * however busy it is, as long as its terms allow, and an instance that dies strands what a fraction
 * of a second of its traffic would have used.
 */
final class Lease {
  /** How long half of a lease should last. */
  static final long TURN_NANOS = 50_000_000;

  private static final long FIRST_SIZE = 8;
  private static final long FIRST_PAUSE_NANOS = 5_000_000;

  private final String key;
  private final Limit limit;
  private final LeaseTerms terms;
  private final Holding holding;

  private long size;
  private boolean drawing;
  private boolean ended;
  private boolean forgotten;

  private long nextDrawNanos;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  /** What came back from the last draw, and when; null before the first. */
  private @Nullable Drawn last;

  private long lastNanos;

  private boolean usedSinceLast;
  private long usedNanos;
  private long askedNanos;

  /**
   * Of nothing yet.
   *
   * @param nextDrawNanos when it may be drawn first
   */
  Lease(String key, Limit limit, LeaseTerms terms, long nowNanos, long nextDrawNanos) {
    this.key = key;
    this.limit = limit;
    this.terms = terms;
    this.holding = Holding.of(limit);
    this.size = Math.min(FIRST_SIZE, terms.tokens());
    this.nextDrawNanos = nextDrawNanos;
    this.usedNanos = nowNanos;
    this.askedNanos = nowNanos;
  }

  /** Whether it is of this limit, on these terms. */
  boolean is(Limit other, @Nullable LeaseTerms otherTerms) {
    return (limit == other || limit.equals(other)) && terms.equals(otherTerms);
  }

  /** The admission of a cost, if so much is held; otherwise null. */
  synchronized @Nullable Answer take(long cost, long nowNanos) {
    Drawn drawn = last;
    if (ended || drawn == null || !holding.take(cost, nowNanos)) {
      return null;
    }
    usedNanos = nowNanos;
    usedSinceLast = true;
    long sinceMicros = Math.max(0, nowNanos - lastNanos) / 1_000;
    long remaining = Math.min(limit.most(), drawn.remaining() + holding.tokens(nowNanos));
    long reset = holding.resetAfter(drawn.resetAfterMicros() - sinceMicros);
    return new Answer.Decided(
        true,
        List.of(new Outcome.Admitted(remaining, reset, /* delayMicros= */ 0)),
        drawn.nowMicros() + sinceMicros,
        /* receipt= */ null,
        /* replayed= */ false,
        Source.LEASE);
  }

  /**
   * How much to draw now, after a question about a cost; 0 for nothing. If it is more, a draw is
   * under way from now on, until {@link #drawn} or {@link #notDrawn} is called.
   */
  synchronized long wanted(long cost, long nowNanos) {
    boolean again = usedSinceLast || nowNanos - askedNanos < TURN_NANOS;
    askedNanos = nowNanos;
    if (ended || drawing || nowNanos - nextDrawNanos < 0 || !again) {
      return 0;
    }
    long held = holding.tokens(nowNanos);
    if (held > size / 2 && held >= cost) {
      return 0;
    }
    resize(cost, nowNanos);
    // Rounded up, so that not even with parts of tokens more than the terms allow is held.
    long wanted = size - holding.tokensRoundedUp(nowNanos);
    if (wanted > 0) {
      drawing = true;
      holding.sending(nowNanos);
    }
    return Math.max(0, wanted);
  }

  private void resize(long cost, long nowNanos) {
    if (last != null) {
      long lasted = nowNanos - lastNanos;
      if (lasted < TURN_NANOS) {
        size = Math.min(2 * size, terms.tokens());
      } else if (lasted > 4 * TURN_NANOS) {
        size = Math.max(1, size / 2);
      }
    }
    if (cost > size) {
      size = Math.min(2 * cost, terms.tokens());
    }
  }

  /**
   * Adds what a draw has brought.
   *
   * @return what of it is to be given back, since the lease has ended meanwhile; or null
   */
  synchronized @Nullable Unused drawn(Drawn drawn, long wanted, long nowNanos) {
    drawing = false;
    if (forgotten) {
      return null;
    }
    holding.add(drawn, nowNanos);
    last = drawn;
    lastNanos = nowNanos;
    usedSinceLast = false;
    if (ended) {
      return letGo(nowNanos);
    }
    usedNanos = nowNanos;
    if (drawn.tokens() == 0) {
      pause(Math.max(FIRST_PAUSE_NANOS, drawn.resetAfterMicros() * 1_000), nowNanos);
    } else {
      pauseNanos = FIRST_PAUSE_NANOS;
      nextDrawNanos = drawn.tokens() < wanted ? nowNanos + FIRST_PAUSE_NANOS : nowNanos;
    }
    return null;
  }

  /** Notes that a draw has failed. If it was charged nevertheless, that is never used. */
  synchronized void notDrawn(long nowNanos) {
    drawing = false;
    pause(Long.MAX_VALUE, nowNanos);
  }

  /** Each pause in a row is twice as long, up to the time after which a lease is idle. */
  private void pause(long mostNanos, long nowNanos) {
    nextDrawNanos = nowNanos + Math.min(pauseNanos, mostNanos);
    pauseNanos = Math.min(2 * pauseNanos, terms.idleMicros() * 1_000);
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
    ended = true;
    return letGo(nowNanos);
  }

  /** Ends it, with nothing given back, neither now nor of a draw under way. */
  synchronized void forget(long nowNanos) {
    ended = true;
    forgotten = true;
    var unused = holding.letGo(nowNanos);
  }

  private @Nullable Unused letGo(long nowNanos) {
    Holding.Rest rest = holding.letGo(nowNanos);
    return rest == null
        ? null
        : new Unused(
            key, limit.algorithm(), rest.tokens(), rest.windowEndMicros(), rest.notAfterMicros());
  }
}
