package io.limiter.server.store.redis;

import com.google.common.math.LongMath;
import io.limiter.server.store.ClockDrift;
import org.jspecify.annotations.Nullable;

/**
 * About the time by one Redis: what its replies said. Safe to share between threads.
 *
 * <p>A calendar window (a day, a month in a time zone) is worked out here and sent along. Redis may
 * find that its own time lies outside the windows it was sent. It then charges nothing and names
 * its time; the call is repeated with the windows around that.
 *
 * <p>Each reply also tells how far the clocks are apart: Redis read its own between the sending and
 * the arrival. The closest bound from below is kept, and loosened as the clocks drift. A reply that
 * contradicts it replaces it, as after a failover to another host. Source: D. L. Mills, RFC 5905,
 * whose clock filter likewise trusts the exchange that was least delayed.
 */
final class RedisTime {
  private static final long STEP_NANOS = 20_000;

  private volatile long newestMicros;
  private volatile @Nullable Offset offset;

  /** How much longer than the fastest replies nearly all of them take on their way back. */
  private volatile long slowerNanos;

  /**
   * How far the clock of Redis is ahead of {@link System#nanoTime}.
   *
   * @param atLeastNanos no more than it was when it was measured
   * @param atNanos when that was, by this process
   */
  private record Offset(long atLeastNanos, long atNanos) {
    /** No more than it is at another time, later or earlier. */
    long at(long nanos) {
      long since = Math.abs(nanos - atNanos);
      return atLeastNanos - (ClockDrift.atMostRedisNanos(since) - since);
    }
  }

  /**
   * Notes the time that a reply names, in microseconds since the epoch.
   *
   * @param sentNanos before the call was sent, by {@link System#nanoTime}
   * @param arrivedNanos after the reply arrived
   */
  void saw(long nowMicros, long sentNanos, long arrivedNanos) {
    newestMicros = nowMicros;
    long atLeast = nowMicros * 1_000 - arrivedNanos;
    long lessThan = (nowMicros + 1) * 1_000 - sentNanos;
    Offset known = offset;
    long before = known == null ? 0 : known.at(arrivedNanos);
    if (known == null || before < atLeast || before >= lessThan) {
      offset = new Offset(atLeast, arrivedNanos);
    } else {
      tookLonger(before - atLeast);
    }
  }

  /**
   * Follows the time that one reply in twenty passes: a step up for each of these, a twentieth of
   * it down for each other. So a pause that holds up a few replies moves it little.
   */
  private void tookLonger(long nanos) {
    long now = slowerNanos;
    long step = now / 8 + STEP_NANOS;
    slowerNanos = Math.max(0, nanos > now ? now + step : now - step / 20);
  }

  /**
   * The last time by Redis at which an answer is of use to whoever waits until a deadline: not
   * later than the deadline, and early enough for the answer to arrive, if it travels as fast as
   * nearly all do. At least half of the wait is left to Redis: who asks again gets an answer then.
   *
   * @param nowNanos the time by {@link System#nanoTime}
   * @param waitNanos from then to the deadline
   * @return microseconds since the epoch; 0 while that is not known
   */
  long deadline(long nowNanos, long waitNanos) {
    return after(nowNanos, waitNanos - Math.min(slowerNanos, waitNanos / 2));
  }

  /**
   * What it was by Redis at a time of this process, or less. So whatever happened then did not
   * happen before it.
   *
   * @param nanos the time by {@link System#nanoTime}
   * @return microseconds since the epoch; 0 while that is not known
   */
  long atLeast(long nanos) {
    return after(nanos, 0);
  }

  private long after(long nanos, long waitNanos) {
    Offset known = offset;
    return known == null ? 0 : LongMath.saturatedAdd(nanos + known.at(nanos), waitNanos) / 1_000;
  }

  /** What a call that is sent now works its calendar windows out for. */
  Windows windows() {
    return new Windows(newestMicros, 1);
  }

  /**
   * The time around which a call's calendar windows lie.
   *
   * @param aroundMicros microseconds since the epoch
   * @param tries how often the call was sent, this time included
   */
  record Windows(long aroundMicros, int tries) {
    private static final int MOST_TRIES = 3;

    /** Whether the call may be repeated. No clock moves by a whole window between two calls. */
    boolean mayRepeat() {
      return tries < MOST_TRIES;
    }

    /** The windows around the time that Redis named. */
    Windows repeat(long nowMicros) {
      return new Windows(nowMicros, tries + 1);
    }
  }
}
