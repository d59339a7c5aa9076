package io.limiter.server.http;

import io.vertx.core.Context;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** The event loop of some connections: runs tasks one after the other. */
final class EventLoop implements Executor {
  private final Context context;
  private final Thread thread;

  /** That this runs on, which is never another thread. */
  EventLoop(Context context) {
    this.context = context;
    this.thread = Thread.currentThread();
  }

  /** Runs a task after all that is there to be run. */
  @Override
  public void execute(Runnable task) {
    context.runOnContext(run -> task.run());
  }

  /** Runs a task at once if this is the event loop; not at all once that has ended. */
  void now(Runnable task) {
    if (Thread.currentThread() == thread) {
      task.run();
      return;
    }
    try {
      execute(task);
    } catch (RejectedExecutionException ended) {
      // The port has closed, and whoever waited at it is gone.
    }
  }
}
