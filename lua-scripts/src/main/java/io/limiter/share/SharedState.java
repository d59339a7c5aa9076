package io.limiter.share;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is stored for a pool that tenants share: its own counter, and who has what of it.
 *
 * @param pool the counter
 * @param sharers who is active; null for nobody
 * @param tenants the tenants that asked lately. Never changed; copied with each charge
 * @param last the tenant that was charged last
 */
record SharedState(
    CounterState pool, @Nullable Sharers sharers, Map<String, Sharer> tenants, String last)
    implements CounterState {

  /** A counter that nobody shared so far, or that is shared already. */
  static SharedState of(CounterState state) {
    return state instanceof SharedState shared
        ? shared
        : new SharedState(state, /* sharers= */ null, Map.of(), /* last= */ "");
  }

  @Override
  public long endMicros() {
    return sharers == null ? pool.endMicros() : Math.max(pool.endMicros(), sharers.endMicros());
  }

  @Override
  public Charged charged(long cost) {
    Charged own = pool.charged(cost);
    return new Charged(cost, own.atMicros(), own.windowMicros(), last);
  }

  @Override
  public CounterState refund(Charged charged, long nowMicros) {
    CounterState left = pool.refund(charged, nowMicros);
    return left.equals(pool) ? this : credited(left, charged.tenant(), charged.cost());
  }

  /** After a tenant gave something back, which left this of the counter. */
  SharedState credited(CounterState left, String tenant, long cost) {
    Sharer sharer = tenants.get(tenant);
    return sharer == null || sharers == null
        ? new SharedState(left, sharers, tenants, last)
        : with(left, sharers, tenant, sharer.credited(cost));
  }

  /** With another state of the counter, which no tenant had a part in. */
  SharedState pooled(CounterState counter) {
    return new SharedState(counter, sharers, tenants, last);
  }

  /** With one tenant's new record, and without those that are active no more. */
  SharedState with(CounterState counter, Sharers active, String tenant, Sharer sharer) {
    Map<String, Sharer> all = new HashMap<>(tenants);
    all.values().removeIf(one -> one.since() != active.since() || one.stop() < active.start());
    all.put(tenant, sharer);
    return new SharedState(counter, active, all, tenant);
  }
}
