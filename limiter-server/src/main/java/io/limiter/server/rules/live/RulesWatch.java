package io.limiter.server.rules.live;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls rules at an interval, and soon after the system reports an event in their folders. The
 * polls are what counts: not every file system reports events. Its one thread is a daemon.
 */
public final class RulesWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RulesWatch.class);

  /**
   * The least time between two polls: longer than the resolution of any file system's clock, so
   * that a change between two polls always shows.
   */
  private static final Duration LEAST = Duration.ofMillis(100);

  /** How long {@link #close} waits for a poll that is under way. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final LiveRules rules;
  private final Duration interval;
  private final FolderEvents events = new FolderEvents();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;

  private RulesWatch(LiveRules rules, Duration interval) {
    this.rules = rules;
    this.interval = interval;
    this.thread = new Thread(this::run, "rules");
    thread.setDaemon(true);
  }

  /**
   * Watches until it is closed.
   *
   * @param interval the time between two polls while nothing happens; at least 100 ms
   */
  public static RulesWatch over(LiveRules rules, Duration interval) {
    RulesWatch watch = new RulesWatch(rules, interval);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      boolean changing = poll();
      // Not to be cut short by events: they come while a file is being written.
      while (!ended.await(LEAST.toNanos(), TimeUnit.NANOSECONDS)) {
        if (!changing) {
          events.await(rules.folders(), interval.minus(LEAST));
        }
        if (ended.getCount() > 0) {
          changing = poll();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whatever goes wrong, the thread goes on: without it no change would be seen again. */
  private boolean poll() {
    try {
      return rules.poll();
    } catch (RuntimeException | Error e) {
      log.error("Looking at the rules failed; they stay as they are", e);
      return false;
    }
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  /** Polls no more; waits for a poll that is under way, 5 s at most. */
  @Override
  public void close() {
    ended.countDown();
    events.close();
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
