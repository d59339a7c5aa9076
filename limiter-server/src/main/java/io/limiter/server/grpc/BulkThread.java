package io.limiter.server.grpc;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs what one connection has to do that takes long, such as its batches: one task after the
 * other, each as the connection's own. Connections share threads, as many as there are processors,
 * and have turns of one task there. Safe to use from any thread.
 */
final class BulkThread implements Executor {
  private final Executor threads;
  private final Consumer<Runnable> runner;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** How many tasks wait or run: whoever makes it one, or leaves more, asks for the next turn. */
  private final AtomicInteger count = new AtomicInteger();

  /**
   * Has nothing to do yet.
   *
   * @param threads as {@link #threads} makes them
   * @param runner runs a task as the connection's own
   */
  BulkThread(Executor threads, Consumer<Runnable> runner) {
    this.threads = threads;
    this.runner = runner;
  }

  /** Threads for the connections of a server. They end when there is nothing to do for a while. */
  static Executor threads() {
    int most = Runtime.getRuntime().availableProcessors();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            most,
            most,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new ThreadFactoryBuilder().setNameFormat("limiter-batches").setDaemon(true).build());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (count.getAndIncrement() == 0) {
      threads.execute(this::turn);
    }
  }

  private void turn() {
    try {
      Runnable task = tasks.poll();
      if (task != null) {
        runner.accept(task);
      }
    } finally {
      if (count.decrementAndGet() > 0) {
        threads.execute(this::turn);
      }
    }
  }
}
