package io.limiter.share;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.LimitRow;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Owed;
import io.limiter.algorithm.Settled;
import io.limiter.algorithm.Step;
import io.limiter.algorithm.TokenBucket;
import java.util.List;

/**
 * One tenant's view of a limit that several share: a pool, a token bucket or a fixed window.
 *
 * <p>The pool's own limit always holds. Of it each tenant has a guarantee: a bucket of its own,
 * which is charged first. A tenant beyond its guarantee borrows, as long as so much is left that
 * the guarantees of all other active tenants fit; one that is behind in borrowing, by its weight,
 * before one that is ahead. Nothing is taken away again: what is lent is not renewed.
 *
 * <p>Source: hierarchical token buckets (M. Devera, HTB, 2002) for guarantees that charge the pool
 * too; start-time fair queueing (P. Goyal, H. Vin, H. Cheng, SIGCOMM 1996) for tags by weight. The
 * bounds are derived in {@code docs/fair-shares.md}. {@link SharedStep} decides, the twin of {@code
 * shares.lua}.
 *
 * @param pool what is shared
 * @param terms what the tenant is entitled to
 * @param tenant who asks; the end of the key of its record
 */
public record SharedLimit(Limit pool, ShareTerms terms, String tenant) implements Limit.Shared {

  public SharedLimit {
    if (!isShareable(pool)) {
      throw new IllegalArgumentException(
          "%s cannot be shared; use a token-bucket or a fixed-window"
              .formatted(pool.algorithm().label()));
    }
  }

  /** Whether tenants may share a limit. */
  public static boolean isShareable(Limit pool) {
    return pool instanceof TokenBucket || pool instanceof FixedWindow;
  }

  /**
   * The largest cost that a guarantee takes at once while guarantees add up to no more than the
   * whole pool, rounded down: of a bucket half of the guaranteed part, of a window all of it.
   */
  public static long guaranteed(Limit pool, long guarantee) {
    return (long) Math.floor(SharedStep.depth(pool) * guarantee / ShareTerms.ALL);
  }

  @Override
  public Algorithm algorithm() {
    return pool.algorithm();
  }

  @Override
  public long limit() {
    return pool.limit();
  }

  @Override
  public long windowMicros(long nowMicros) {
    return pool.windowMicros(nowMicros);
  }

  /** Of the pool. */
  @Override
  public LimitRow row(long aroundMicros) {
    return pool.row(aroundMicros);
  }

  @Override
  public void identify(Identity out) {
    pool.identify(out);
    out.add(terms.guarantee());
    out.add(terms.weight());
    out.add(terms.borrows() ? 1 : 0);
    out.add(tenant);
  }

  /** By the state of {@link SharedState}. A denial notes that the tenant asked in this epoch. */
  @Override
  public Step decide(CounterState before, long cost, long nowMicros) {
    return new SharedStep(this, SharedState.of(before), cost, nowMicros).decide(before);
  }

  @Override
  public Step credit(CounterState before, long cost, long nowMicros) {
    SharedState shared = SharedState.of(before);
    Step pooled = pool.credit(shared.pool(), cost, nowMicros);
    if (pooled.after().equals(shared.pool())) {
      return Step.credited(this, before, nowMicros);
    }
    SharedState after = shared.credited(pooled.after(), tenant, cost);
    return pooled.after().isAbsent()
        ? new Step(new Outcome.Admitted(limit(), 0, 0), after)
        : Step.credited(this, after, nowMicros);
  }

  /** Charges the pool only: nobody knows of debts whose they are. */
  @Override
  public Settled settle(CounterState before, List<Owed> owed, long nowMicros) {
    SharedState shared = SharedState.of(before);
    Settled settled = pool.settle(shared.pool(), owed, nowMicros);
    return new Settled(settled.charged(), settled.gone(), shared.pooled(settled.after()));
  }

  /** Charges the pool only, like {@link #settle}. */
  @Override
  public Step overcharge(CounterState before, long cost, long nowMicros) {
    SharedState shared = SharedState.of(before);
    SharedState after = shared.pooled(pool.overcharge(shared.pool(), cost, nowMicros).after());
    return new Step(decide(after, /* cost= */ 0, nowMicros).outcome(), after);
  }

  @Override
  public long owed(CounterState state, long nowMicros) {
    return pool.owed(SharedState.of(state).pool(), nowMicros);
  }

  @Override
  public SharedLimit share(int instances) {
    return new SharedLimit(pool.share(instances), terms, tenant);
  }

  @Override
  public SharedLimit upTo(long most) {
    return new SharedLimit(pool.upTo(most), terms, tenant);
  }
}
