package io.limiter.client.decorate;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** Runs something when a time has passed; of several times the soonest. Thread-safe. */
final class Alarm {
  private final Runnable task;

  @GuardedBy("this")
  private boolean set;

  @GuardedBy("this")
  private long atNanos;

  Alarm(Runnable task) {
    this.task = task;
  }

  /** Runs it after so long, on a thread of the common pool, if it is not to run sooner. */
  synchronized void setFor(long nanos, long nowNanos) {
    if (set && atNanos - nowNanos <= nanos) {
      return;
    }
    long at = nowNanos + nanos;
    set = true;
    atNanos = at;
    var unused = Pause.of(nanos).thenRun(() -> ring(at));
  }

  private void ring(long at) {
    synchronized (this) {
      set &= atNanos != at;
    }
    task.run();
  }
}
