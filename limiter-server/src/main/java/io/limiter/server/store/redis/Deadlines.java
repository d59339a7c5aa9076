package io.limiter.server.store.redis;

import io.limiter.server.store.StoreException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends the wait of questions whose time is up. All wait equally long, so they come due in the order
 * in which they came, and one timer for the first of them is enough.
 */
final class Deadlines implements AutoCloseable {
  private final long waitNanos;
  private final String message;
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean armed = new AtomicBoolean();
  private final ScheduledExecutorService timer;

  Deadlines(Duration wait, String message) {
    this.waitNanos = wait.toNanos();
    this.message = message;
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

  /** When a question that comes now stops waiting, by {@link System#nanoTime}. */
  long next() {
    return System.nanoTime() + waitNanos;
  }

  void watch(Waiting question) {
    waiting.add(question);
    arm();
  }

  private void arm() {
    Waiting first = waiting.peek();
    if (first != null && armed.compareAndSet(false, true)) {
      long pause = Math.max(0, first.deadlineNanos() - System.nanoTime());
      try {
        var unused = timer.schedule(this::expire, pause, TimeUnit.NANOSECONDS);
      } catch (java.util.concurrent.RejectedExecutionException closed) {
        fail(first);
      }
    }
  }

  private void expire() {
    long now = System.nanoTime();
    Waiting first = waiting.peek();
    while (first != null && (first.isDone() || first.deadlineNanos() - now <= 0)) {
      waiting.remove();
      fail(first);
      first = waiting.peek();
    }
    armed.set(false);
    arm();
  }

  private void fail(Waiting question) {
    if (!question.isDone()) {
      question.completeExceptionally(
          new StoreException(StoreException.Kind.UNAVAILABLE, message, null));
    }
  }

  @Override
  public void close() {
    timer.shutdown();
    waiting.forEach(this::fail);
  }
}
