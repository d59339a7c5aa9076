package io.limiter.share;

import io.limiter.algorithm.Bucket;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import io.limiter.algorithm.TokenBucket;
import org.jspecify.annotations.Nullable;

/**
 * One decision about a tenant of a shared pool: the twin of {@code shares.lua}, expression by
 * expression, since amounts are doubles. The pool itself is asked for whole tokens only.
 */
final class SharedStep {
  /**
   * The part of the pool that is kept for borrowers that are behind, and the most one is behind.
   */
  private static final double BUFFER = 8;

  final SharedLimit limit;
  final Limit pool;
  final ShareTerms terms;
  final SharedState before;
  final long cost;
  final long nowMicros;
  private final Step pooled;

  /** The largest cost that the pool takes. */
  final long room;

  final long time;
  final long start;
  final long stop;
  final long next;
  final boolean isWindow;

  /** The tenant's record, if it asked in this epoch; and if it asked in this or the one before. */
  private final @Nullable Sharer noted;

  private final @Nullable Sharer known;

  /** As if the tenant had asked in this epoch. */
  final Sharers sharers;

  private final long guarantee;
  private final long weight;
  final double held;
  private final double tag;

  SharedStep(SharedLimit limit, SharedState before, long cost, long nowMicros) {
    this.limit = limit;
    this.pool = limit.pool();
    this.terms = limit.terms();
    this.before = before;
    this.cost = cost;
    this.nowMicros = nowMicros;
    this.pooled = pool.decide(before.pool(), cost, nowMicros);
    this.room = pooled.outcome().remaining() + (pooled.outcome().admits() ? cost : 0);
    Sharers stored = before.sharers();
    this.time = stored == null ? nowMicros : Math.max(nowMicros, stored.start());
    if (pool instanceof FixedWindow fixed) {
      isWindow = true;
      start = fixed.window().startOf(time);
      stop = fixed.window().endOf(time);
      next = fixed.window().endOf(stop);
    } else {
      isWindow = false;
      long length = Math.max(1, pool.windowMicros(time));
      start = time - Math.floorMod(time, length);
      stop = start + length;
      next = stop + length;
    }
    Sharers now =
        stored == null ? Sharers.none(start, stop, next, time) : stored.in(start, stop, next, time);
    Sharer own = before.tenants().get(limit.tenant());
    Sharer ours = own != null && own.since() == now.since() ? own : null;
    this.noted = ours != null && ours.stop() == stop ? ours : null;
    this.known = noted == null && ours != null && ours.stop() != start ? null : ours;
    this.guarantee = noted != null ? noted.guarantee() : terms.guarantee();
    this.weight = noted != null ? noted.weight() : terms.weight();
    this.sharers =
        noted != null
            ? now
            : now.noting(
                guarantee,
                weight,
                known == null ? 0 : known.guarantee(),
                known == null ? 0 : known.weight());
    this.held = holding();
    this.tag = tag();
  }

  /** What guarantees add up to in a pool whose guarantees are the whole, in tokens. */
  static double depth(Limit pool) {
    return pool instanceof FixedWindow ? pool.limit() : pool.limit() / 2.0;
  }

  /** How much of the epoch is left: what is reserved in a window becomes less. */
  private double left() {
    return isWindow ? (double) (stop - time) / (stop - start) : 1;
  }

  private static double total(long active) {
    return (double) Math.max(active, ShareTerms.ALL);
  }

  double ceiling(long active) {
    return depth(pool) * (double) guarantee / total(active);
  }

  /** What the guarantees of the others may take, in tokens, at the beginning of an epoch. */
  double reserve(long active) {
    return depth(pool) * (double) (active - guarantee) / total(active);
  }

  /** What is kept for borrowers that are behind: in a window their part of what nobody reserves. */
  double buffer(long active, long weights) {
    if (active <= guarantee) {
      return 0;
    }
    double least = pool.limit() / BUFFER;
    return isWindow
        ? Math.max(
            least,
            pool.limit()
                * (double) (ShareTerms.ALL - Math.min(active, ShareTerms.ALL))
                / ShareTerms.ALL
                * (double) (weights - weight)
                / (double) weights)
        : least;
  }

  /** How many tokens its guarantee renews in so many microseconds. */
  double renewed(double micros, long active) {
    Bucket bucket = ((TokenBucket) pool).bucket();
    return micros * bucket.unitsPerMicro() * guarantee / bucket.unitsPerToken() / total(active);
  }

  private double holding() {
    double ceiling = ceiling(sharers.guarantees().active()) * left();
    Sharer record = known;
    if (record == null) {
      double free = room - Math.ceil(reserve(sharers.guarantees().active()) * left());
      return Math.min(ceiling, Math.max(0, free));
    }
    if (isWindow) {
      return noted == null ? ceiling : Math.min(ceiling, record.held());
    }
    long passed = Math.max(0, time - record.at());
    return Math.min(
        ceiling, record.held() + renewed((double) passed, sharers.guarantees().active()));
  }

  private double tag() {
    Sharer record = known;
    if (record == null) {
      return sharers.level();
    }
    if (isWindow) {
      return noted == null ? 0 : record.tag();
    }
    double stored = noted == null ? record.tag() - sharers.base() : record.tag();
    return Math.max(stored, sharers.level() - pool.limit() / BUFFER / weight);
  }

  /** The largest cost that is admitted. */
  private long most(long free, double has, double level, double tagged) {
    double most = Math.min((double) free, Math.floor(has));
    if (terms.borrows()) {
      double reserve = reserve(sharers.guarantees().active());
      double credit = Math.floor(has + (level - tagged) * weight);
      most = Math.max(most, Math.min(free - Math.ceil(reserve * left()), credit));
      most =
          Math.max(
              most,
              free
                  - Math.ceil(
                      (reserve + buffer(sharers.guarantees().active(), sharers.weights().active()))
                          * left()));
    }
    return (long) Math.max(0, most);
  }

  /** Whether it asked in this epoch or in the one before. */
  boolean isActive() {
    return known != null;
  }

  /** What is left of its guarantee, in tokens. */
  double held() {
    return held;
  }

  Step decide(CounterState stored) {
    Outcome outcome = pooled.outcome();
    long most = most(room, held, sharers.level(), tag);
    long reset = outcome.resetAfterMicros();
    if (cost == 0) {
      return new Step(outcome.admits() ? new Outcome.Admitted(most, reset, 0) : outcome, stored);
    }
    if (outcome.admits() && cost <= most) {
      return charged(reset);
    }
    if (outcome instanceof Outcome.Never
        || (!terms.borrows() && cost > SharedLimit.guaranteed(pool, guarantee))) {
      return new Step(new Outcome.Never(most, lookReset()), stored);
    }
    long wait = new SharedWait(this).micros();
    CounterState after =
        noted != null
            ? stored
            : before.with(before.pool(), sharers, limit.tenant(), record(held, tag, 0));
    return new Step(new Outcome.Denied(most, lookReset(), wait), after);
  }

  /** Until the pool is as new, where nothing is charged. */
  private long lookReset() {
    return pool.decide(before.pool(), 0, nowMicros).outcome().resetAfterMicros();
  }

  private Step charged(long reset) {
    double own = Math.min((double) cost, held);
    double borrowed = cost - own;
    double lent = (noted == null ? 0 : noted.lent()) + borrowed;
    double tagged = tag + borrowed / weight;
    Sharers raised = sharers.raised(tagged);
    long left = most(room - cost, held - own, raised.level(), tagged);
    SharedState after =
        before.with(pooled.after(), raised, limit.tenant(), record(held - own, tagged, lent));
    return new Step(new Outcome.Admitted(left, reset, 0), after);
  }

  private Sharer record(double has, double tagged, double lent) {
    return new Sharer(sharers.since(), stop, time, has, guarantee, tagged, lent, weight);
  }

  /** How far it is behind who borrowed most, in tokens. */
  double behind() {
    return (sharers.level() - tag) * weight;
  }
}
