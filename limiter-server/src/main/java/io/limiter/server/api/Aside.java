package io.limiter.server.api;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs what decides nothing and takes long, one after the other, on a thread of its own. It rests
 * after each for three times as long as that took. So it leaves most of every processor to
 * decisions, however much there is to do. Who asks for it has to bound how much that is.
 */
final class Aside implements Executor {
  private static final int REST = 3;

  private final ThreadPoolExecutor thread;

  /**
   * Its thread ends when there is nothing to do for a while.
   *
   * @param name of the thread
   */
  Aside(String name) {
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
    thread.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    thread.execute(
        () -> {
          long start = System.nanoTime();
          task.run();
          if (!thread.getQueue().isEmpty()) {
            LockSupport.parkNanos(REST * (System.nanoTime() - start));
          }
        });
  }
}
