package io.limiter.jmh.load.pace;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Each slot asks its next question when it has the answer to its last: as fast as it goes. */
public final class ClosedLoop implements Pace {
  /**
   * A slot whose question failed waits so long: otherwise a service that is away would be counted
   * as failing a million times a second.
   */
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS, Runnable::run);

  private final LongSupplier decisions;
  private volatile boolean over = true;
  private CountDownLatch underWay = new CountDownLatch(0);

  /**
   * @param decisions how many there were so far in the round
   */
  public ClosedLoop(LongSupplier decisions) {
    this.decisions = decisions;
  }

  @Override
  public Timing run(List<Slot> slots, Duration time) throws InterruptedException {
    underWay = new CountDownLatch(slots.size());
    over = false;
    long start = nanoTime();
    slots.forEach(slot -> slot.under(this));
    slots.forEach(slot -> slot.ask(nanoTime()));
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
    over = true;
    long inTime = decisions.getAsLong();
    double seconds = (nanoTime() - start) / 1e9;
    if (!underWay.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new IllegalStateException(
          "%d questions have no answer after %s; is the service still there?"
              .formatted(underWay.getCount(), PATIENCE));
    }
    return new Timing(seconds, decisions.getAsLong() - inTime, 0);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void answered(Slot slot, boolean decided, long nowNanos) {
    if (over) {
      underWay.countDown();
    } else if (decided) {
      slot.ask(nowNanos);
    } else {
      LATER.execute(() -> again(slot));
    }
  }

  private void again(Slot slot) {
    if (over) {
      underWay.countDown();
    } else {
      slot.ask(nanoTime());
    }
  }
}
