package io.limiter.client.hold;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** A clock in the test's hands. What is due runs on the test's thread. */
final class FakeTiming implements Timing {
  private final List<Task> tasks = new ArrayList<>();
  private long nowNanos;

  private record Task(long atNanos, Runnable what, Future<?> handle) {}

  @Override
  public synchronized long nanoTime() {
    return nowNanos;
  }

  @Override
  public synchronized Future<?> after(long nanos, Runnable task) {
    CompletableFuture<Void> handle = new CompletableFuture<>();
    tasks.add(new Task(nowNanos + nanos, task, handle));
    return handle;
  }

  /** How many tasks are to come. */
  synchronized int pending() {
    tasks.removeIf(task -> task.handle.isCancelled());
    return tasks.size();
  }

  /** Lets time pass, and runs what is due by then, each at its time. */
  void pass(Duration time) {
    long end = nanoTime() + time.toNanos();
    for (Optional<Task> next = next(end); next.isPresent(); next = next(end)) {
      next.get().what.run();
    }
  }

  private synchronized Optional<Task> next(long endNanos) {
    tasks.removeIf(task -> task.handle.isCancelled());
    Optional<Task> next =
        tasks.stream()
            .filter(task -> task.atNanos <= endNanos)
            .min(Comparator.comparing(Task::atNanos));
    nowNanos = Math.max(nowNanos, next.map(Task::atNanos).orElse(endNanos));
    next.ifPresent(tasks::remove);
    return next;
  }
}
