package io.limiter.client.sending;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds how often questions are sent again (what could not be sent at all costs nothing), so that
 * a service in trouble does not get its traffic several times over. Each answer earns a tenth of a
 * retry, and up to so many are saved. That is gRPC's own retry throttling with a larger store: a
 * connection that breaks takes all questions in flight with it. Thread-safe.
 */
public final class RetryBudget {
  private static final int COST = 10;

  private final int most;
  private final AtomicInteger tenths;

  /** A budget with so many retries saved. */
  public RetryBudget(int retries) {
    this.most = (int) Math.min(Integer.MAX_VALUE / 2, (long) retries * COST);
    this.tenths = new AtomicInteger(most);
  }

  /** Whether there is another retry; takes it. */
  public boolean take() {
    return tenths.getAndUpdate(left -> left < COST ? left : left - COST) >= COST;
  }

  /** A tenth of a retry more. */
  public void answered() {
    if (tenths.get() < most) {
      tenths.incrementAndGet();
    }
  }
}
