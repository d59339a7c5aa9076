package io.limiter.algorithm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settles a bucket. What was admitted since its last charge is charged as of its own time, which is
 * exact. What was admitted before that is counted as in a bucket of its own, up to the last charge;
 * what is in use there then is added.
 *
 * <p>That is never more than one bucket would hold that both had been charged to: two drain no
 * slower than one. With A(s) and B(s) for what came from s on, and r for the rate, one holds the
 * largest A(s) + B(s) - r(T - s) over all s, and two the sum of the largest A(s) - r(T - s) and the
 * largest B(u) - r(T - u). For the earlier of s and u, the former is no less than the latter.
 */
final class BucketSettlement {
  private final Bucket bucket;
  private final CounterState before;
  private final long nowMicros;

  /** What is stored, if it still counts. */
  private final @Nullable BucketState live;

  /** What is in use at {@link #time}, in units. */
  private long queue;

  private long time;
  private boolean merged;

  /** In tokens, what of the owed was charged, and what was charged or is gone. */
  private long charged;

  private long came;

  BucketSettlement(Bucket bucket, CounterState before, long nowMicros) {
    this.bucket = bucket;
    this.before = before;
    this.nowMicros = nowMicros;
    this.live =
        before instanceof BucketState state
                && Math.max(nowMicros, state.lastMicros()) < state.endMicros()
            ? state
            : null;
  }

  Settled settle(List<Owed> owed) {
    BucketState stored = live;
    for (Owed one : owed) {
      long at = Math.min(one.atMicros(), nowMicros);
      if (stored != null && !merged && at >= stored.lastMicros()) {
        merge(stored);
      }
      add(one.cost(), at);
    }
    if (stored == null) {
      charged = Exact.ceilDiv(queue, bucket.unitsPerToken());
    } else if (!merged) {
      merge(stored);
    }
    BucketState after =
        new BucketState(time, queue, bucket.unitsPerMicro(), bucket.unitsPerToken());
    return charged == 0 || nowMicros >= after.endMicros()
        ? new Settled(0, came, before)
        : new Settled(charged, came - charged, after);
  }

  private void add(long cost, long at) {
    drain(at);
    long granted =
        Math.min(cost, Math.max(0, bucket.capacityUnits() - queue) / bucket.unitsPerToken());
    queue += granted * bucket.unitsPerToken();
    came += granted;
    charged += merged ? granted : 0;
  }

  private void drain(long until) {
    queue = Math.max(0, queue - Exact.product(until - time, bucket.unitsPerMicro()));
    time = until;
  }

  private void merge(BucketState stored) {
    drain(stored.lastMicros());
    long used = stored.usedIn(bucket.unitsPerToken());
    long added = Math.min(queue, Math.max(0, bucket.capacityUnits() - used));
    charged = Exact.ceilDiv(added, bucket.unitsPerToken());
    came += charged - Exact.ceilDiv(queue, bucket.unitsPerToken());
    queue = used + added;
    merged = true;
  }
}
