package io.limiter.server.store.redis;

import io.limiter.server.store.StoreException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Fails questions whose deadline has passed. All wait equally long, so they come due in the order
 * in which they came, and one timer for the first is enough. Safe to call from any thread.
 */
final class Deadlines implements AutoCloseable {
  private final long waitNanos;
  private final StoreException late;
  private final Queue<PendingQuestion> pending = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean armed = new AtomicBoolean();
  private final ScheduledExecutorService timer;

  /**
   * Deadlines of one length.
   *
   * @param late what questions fail with
   */
  Deadlines(Duration wait, StoreException late) {
    this.waitNanos = wait.toNanos();
    this.late = late;
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "limiter-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer = executor;
  }

  /** The deadline of a question that comes now, by {@link System#nanoTime}. */
  long next() {
    return System.nanoTime() + waitNanos;
  }

  void watch(PendingQuestion question) {
    pending.add(question);
    arm();
  }

  private void arm() {
    PendingQuestion first = pending.peek();
    if (first != null && armed.compareAndSet(false, true)) {
      long pause = Math.max(0, first.deadlineNanos() - System.nanoTime());
      try {
        var unused = timer.schedule(this::expire, pause, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException closed) {
        fail(first);
      }
    }
  }

  private void expire() {
    long now = System.nanoTime();
    PendingQuestion first = pending.peek();
    while (first != null && (first.isDone() || first.deadlineNanos() - now <= 0)) {
      pending.remove();
      fail(first);
      first = pending.peek();
    }
    armed.set(false);
    arm();
  }

  private void fail(PendingQuestion question) {
    if (!question.isDone()) {
      question.completeExceptionally(late);
    }
  }

  @Override
  public void close() {
    timer.shutdown();
    pending.forEach(this::fail);
  }
}
