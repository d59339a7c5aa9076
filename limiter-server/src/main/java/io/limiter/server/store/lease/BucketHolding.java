package io.limiter.server.store.lease;

import com.google.common.math.LongMath;
import io.limiter.algorithm.Bucket;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.store.ClockDrift;
import io.limiter.server.store.LeaseSource.Prefetched;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of a bucket. They are used later than they were charged, and Redis drains what was charged
 * meanwhile. So tokens that lie here unused must fade: else more could pass at once than the bucket
 * holds.
 *
 * <p>What is kept, in thousandths of the bucket's units: {@code held}, and {@code recent}, which is
 * what was used from here, charged when it was used and drained at the bucket's rate. While there
 * is something in {@code recent}, {@code held} stays; where the drain finds nothing there, it takes
 * from {@code held}.
 *
 * <p>That nothing passes beyond the limit: let U be what is in use by Redis, which is never more
 * than the capacity, and V what would be in use if every token were charged when it is used, from
 * wherever. The rule is kept if V is never more than the capacity. It is not, since at all times
 *
 * <pre>  U - V >= the sum of what is held, over all instances and prefetches under way</pre>
 *
 * <ul>
 *   <li>Where all is empty both sides are 0.
 *   <li>A prefetch raises U and what is held alike. Using a token raises V and lowers what is held
 *       alike. A question that Redis answers raises U and V alike.
 *   <li>Time passes while V is not 0: U and V drain alike, and nothing raises what is held.
 *   <li>Time passes while V is 0: every {@code recent} is 0, since V got all that went there and
 *       drains no faster. So wherever something is held, it drains at the bucket's full rate, and
 *       the sum at least as fast as U does. Where nothing is held, the sum is 0, and U is not less.
 *   <li>Tokens are given back: they are not held any more when that is sent, but as long as it is
 *       under way they count as held, and fade as before. So no more is given back than what will
 *       not have faded at some later moment, and Redis gives nothing back after that.
 * </ul>
 *
 * <p>The clock here may be slower than that of Redis, by less than a thousandth: the drain is
 * faster by that, of {@code held} and {@code recent} both, which the argument allows. A prefetch
 * counts as held from its sending, which is no later than its charge: what fades meanwhile beyond
 * what is held, fades from the prefetch.
 */
final class BucketHolding implements Holding {
  private static final long SCALE = 1_000;

  /** How long what is given back may be under way. */
  private static final long RETURN_NANOS = 50_000_000;

  private final long perNano;
  private final long perToken;
  private long held;
  private long recent;
  private boolean started;

  /** The moment that both were drained to. */
  private long atNanos;

  /** What faded since the sending of the last prefetch, beyond what was held. */
  private long faded;

  private long sentNanos;

  /** The time by Redis of the last prefetch that was answered, and the moment it was sent. */
  private long prefetchedMicros;

  private long prefetchedSentNanos;

  BucketHolding(TokenBucket limit) {
    Bucket bucket = limit.bucket();
    // Units in a microsecond are thousandths of units in a nanosecond.
    perNano = bucket.unitsPerMicro();
    perToken = bucket.unitsPerToken() * SCALE;
  }

  @Override
  public boolean take(long tokens, long nowNanos) {
    drain(nowNanos);
    long amount = LongMath.saturatedMultiply(tokens, perToken);
    if (held < amount) {
      return false;
    }
    held -= amount;
    recent = LongMath.saturatedAdd(recent, amount);
    return true;
  }

  @Override
  public long tokens(long nowNanos) {
    drain(nowNanos);
    return held / perToken;
  }

  @Override
  public long tokensRoundedUp(long nowNanos) {
    long whole = tokens(nowNanos);
    return held % perToken == 0 ? whole : whole + 1;
  }

  @Override
  public void sending(long nowNanos) {
    drain(nowNanos);
    sentNanos = atNanos;
    faded = 0;
  }

  @Override
  public void add(Prefetched prefetched, long nowNanos) {
    drain(nowNanos);
    long fresh = LongMath.saturatedMultiply(prefetched.tokens(), perToken);
    held = LongMath.saturatedAdd(held, Math.max(0, fresh - faded));
    prefetchedMicros = prefetched.nowMicros();
    prefetchedSentNanos = sentNanos;
  }

  @Override
  public @Nullable Rest empty(long nowNanos) {
    drain(nowNanos);
    long later = Math.max(0, held - Math.max(0, drained(RETURN_NANOS) - recent));
    held = 0;
    long notAfter = prefetchedMicros + (atNanos - prefetchedSentNanos + RETURN_NANOS) / 1_000;
    return later < perToken ? null : new Rest(later / perToken, 0, notAfter);
  }

  @Override
  public long resetAfter(long knownMicros) {
    return Math.max(knownMicros, recent / (perNano * SCALE) + 1);
  }

  private void drain(long nowNanos) {
    if (!started) {
      started = true;
      atNanos = nowNanos;
    }
    long nanos = nowNanos - atNanos;
    if (nanos <= 0) {
      return;
    }
    atNanos = nowNanos;
    long free = drained(nanos);
    long fromRecent = Math.min(free, recent);
    recent -= fromRecent;
    long fromHeld = Math.min(free - fromRecent, held);
    held -= fromHeld;
    faded = LongMath.saturatedAdd(faded, free - fromRecent - fromHeld);
  }

  /** What may have come free in Redis in so long, rounded up. */
  private long drained(long nanos) {
    return LongMath.saturatedMultiply(ClockDrift.atMostRedisNanos(nanos), perNano);
  }
}
