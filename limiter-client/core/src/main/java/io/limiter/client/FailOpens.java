package io.limiter.client;

import java.lang.System.Logger.Level;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hears of every decision. Counts those that failed open, and reports them: the first at once, then
 * those of each second together. Every one is in exactly one report. Thread-safe; counting takes no
 * lock.
 */
final class FailOpens {
  static final long PERIOD_MILLIS = 1_000;

  private static final System.Logger LOG = System.getLogger(LimiterClient.class.getName());

  private final Consumer<LimiterClient.FailOpen> listener;
  private final Consumer<Decision> onDecision;
  private final ScheduledExecutorService timer;
  private final AtomicLong total = new AtomicLong();
  private final AtomicBoolean reporting = new AtomicBoolean();
  private volatile @Nullable UnreachableException cause;

  /** Of the total; guarded by this. */
  private long reported;

  FailOpens(LimiterClientBuilder settings, ScheduledExecutorService timer) {
    this.listener = settings.onFailOpen();
    this.onDecision = settings.onDecision();
    this.timer = timer;
  }

  /** What a client does that was given no listener. */
  static void log(LimiterClient.FailOpen opened) {
    LOG.log(
        Level.WARNING,
        "Requests that went ahead unchecked: {0}, in all {1}; {2}",
        opened.decisions(),
        opened.total(),
        opened.cause().getMessage());
  }

  long total() {
    return total.get();
  }

  /** Tells of a decision, and counts it if it is one that failed open. */
  Decision counted(Decision decision) {
    try {
      onDecision.accept(decision);
    } catch (RuntimeException fault) {
      LOG.log(Level.WARNING, "The listener of decisions has failed", fault);
    }
    if (decision instanceof Decision.Unreachable unreachable && unreachable.allowed()) {
      cause = unreachable.cause();
      total.incrementAndGet();
      start();
    }
    return decision;
  }

  /** Reports at once what no report has told of yet. */
  void flush() {
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
    UnreachableException why = cause;
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
    tell(new LimiterClient.FailOpen(more, all, why));
    return true;
  }

  private void tell(LimiterClient.FailOpen opened) {
    try {
      listener.accept(opened);
    } catch (RuntimeException fault) {
      LOG.log(Level.WARNING, "The listener of decisions that failed open has failed", fault);
    }
  }
}
