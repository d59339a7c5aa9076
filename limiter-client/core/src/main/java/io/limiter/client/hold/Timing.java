package io.limiter.client.hold;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The clock, and what is to be done later. Thread-safe. */
interface Timing {
  /** Nanoseconds since any moment. */
  long nanoTime();

  /** Runs a task after so many nanoseconds; one that is cancelled leaves nothing behind. */
  Future<?> after(long nanos, Runnable task);

  /** This machine's. All permits share one thread, which is there only while there are permits. */
  static Timing system() {
    return Shared.SYSTEM;
  }

  /** Made when the first permit is. */
  final class Shared implements Timing {
    private static final long IDLE_SECONDS = 10;
    private static final Shared SYSTEM = new Shared();

    private final ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "limiter-client-renewals");
              thread.setDaemon(true);
              return thread;
            });

    private Shared() {
      executor.setRemoveOnCancelPolicy(true);
      executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
      executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public Future<?> after(long nanos, Runnable task) {
      return executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }
  }
}
