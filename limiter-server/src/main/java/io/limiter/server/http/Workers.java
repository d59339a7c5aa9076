package io.limiter.server.http;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the HTTP port. Each reads a request and answers it. The JDK's server reads with a
 * blocking call, so a client that sends its request byte by byte keeps a thread.
 *
 * <p>So when all are busy and another request comes, the one that has been going on for the longest
 * is cut off. A probe takes a millisecond: it is over long before it would be the oldest.
 */
final class Workers implements Executor {
  private final int most;
  private final ThreadPoolExecutor threads;

  private final Object lock = new Object();

  /** The requests that are going on and not cut off, the oldest first: no more than threads. */
  @GuardedBy("lock")
  private final Set<Work> goingOn = new LinkedHashSet<>();

  /**
   * No threads yet.
   *
   * @param most how many there may be, 1 or more
   */
  Workers(int most) {
    this.most = most;
    threads =
        new ThreadPoolExecutor(
            0,
            most,
            1,
            TimeUnit.MINUTES,
            new SynchronousQueue<>(),
            new ThreadFactoryBuilder().setNameFormat("http").setDaemon(true).build(),
            Workers::await);
  }

  /** Waits for a thread to be free: whoever holds the oldest was cut off a moment ago. */
  private static void await(Runnable request, ThreadPoolExecutor threads) {
    try {
      boolean taken = false;
      while (!taken && !threads.isShutdown()) {
        taken = threads.getQueue().offer(request, 10, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void execute(Runnable request) {
    Work work = new Work(request);
    synchronized (lock) {
      if (goingOn.size() >= most) {
        Iterator<Work> oldest = goingOn.iterator();
        oldest.next().cutOff();
        oldest.remove();
      }
      goingOn.add(work);
    }
    threads.execute(work);
  }

  /** Cuts off all. */
  void stop() {
    threads.shutdownNow();
  }

  private final class Work implements Runnable {
    private final Runnable request;
    private @Nullable Thread thread;
    private boolean cutOff;

    Work(Runnable request) {
      this.request = request;
    }

    @Override
    public void run() {
      synchronized (lock) {
        thread = Thread.currentThread();
        if (cutOff) {
          thread.interrupt();
        }
      }
      try {
        request.run();
      } finally {
        synchronized (lock) {
          goingOn.remove(this);
          thread = null;
        }
      }
    }

    /**
     * An interrupt closes the connection that its thread reads from or writes to. One that comes
     * too late meets nobody else: the pool clears it before the next request.
     */
    void cutOff() {
      synchronized (lock) {
        cutOff = true;
        if (thread != null) {
          thread.interrupt();
        }
      }
    }
  }
}
