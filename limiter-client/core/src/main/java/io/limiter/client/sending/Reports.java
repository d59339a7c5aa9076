package io.limiter.client.sending;

import java.lang.System.Logger.Level;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts events of one kind, and reports them: the first at once, then those of each second
 * together. Every one is in exactly one report. Thread-safe; counting takes no lock.
 *
 * @param <C> why an event happened
 */
public final class Reports<C> {
  /** How long events are gathered for one report, but for the first. */
  public static final long PERIOD_MILLIS = 1_000;

  private static final System.Logger LOG = System.getLogger(Reports.class.getName());

  private final Listener<C> listener;
  private final ScheduledExecutorService timer;
  private final AtomicLong total = new AtomicLong();
  private final AtomicBoolean reporting = new AtomicBoolean();
  private volatile @Nullable C cause;

  /** Of the total; guarded by this. */
  private long reported;

  /** Hears of events. */
  @FunctionalInterface
  public interface Listener<C> {
    /**
     * Some have happened.
     *
     * @param events how many since the last report; 1 or more
     * @param total how many since the first
     * @param cause why the last of them happened
     */
    void report(long events, long total, C cause);
  }

  /**
   * Reports to a listener.
   *
   * @param listener called on a thread of the common pool
   * @param timer only starts reports, so it never waits for the listener
   */
  public Reports(Listener<C> listener, ScheduledExecutorService timer) {
    this.listener = listener;
    this.timer = timer;
  }

  /** How many were counted. */
  public long total() {
    return total.get();
  }

  /** One more has happened. */
  public void count(C why) {
    cause = why;
    total.incrementAndGet();
    start();
  }

  /** Reports at once what no report has told of yet. */
  public void flush() {
    report();
  }

  /** Reports what was counted since the last report, and looks again after the period. */
  private void reportAndLookAgain() {
    if (report()) {
      try {
        // The timer only starts it: a listener may block, and deadlines must not wait for it.
        var unused =
            timer.schedule(
                () -> ForkJoinPool.commonPool().execute(this::reportAndLookAgain),
                PERIOD_MILLIS,
                TimeUnit.MILLISECONDS);
        return;
      } catch (RejectedExecutionException closed) {
        // The client is closed, so that few more come: each is reported as it comes.
      }
    }
    reporting.set(false);
    if (isBehind()) {
      start();
    }
  }

  private void start() {
    if (!reporting.get() && reporting.compareAndSet(false, true)) {
      ForkJoinPool.commonPool().execute(this::reportAndLookAgain);
    }
  }

  private synchronized boolean isBehind() {
    return total.get() != reported;
  }

  /** Whether there was anything to report. */
  private boolean report() {
    C why = cause;
    long all;
    long more;
    synchronized (this) {
      all = total.get();
      more = all - reported;
      reported = all;
    }
    if (more == 0 || why == null) {
      return false;
    }
    try {
      listener.report(more, all, why);
    } catch (RuntimeException fault) {
      LOG.log(Level.WARNING, "The listener of reports has failed", fault);
    }
    return true;
  }
}
