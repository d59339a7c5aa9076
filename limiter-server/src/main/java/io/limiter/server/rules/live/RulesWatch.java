package io.limiter.server.rules.live;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has rules looked at every so often, and soon after the system says that something happened to
 * them. The looks are what counts: not every file system tells. It has one thread, which does not
 * keep the process alive.
 */
public final class RulesWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RulesWatch.class);

  /**
   * The least time between two looks: longer than the clock of any file system is coarse, so that a
   * change between two looks always shows.
   */
  private static final Duration LEAST = Duration.ofMillis(100);

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final LiveRules rules;
  private final Duration pause;
  private final Alarm alarm = new Alarm();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;

  private RulesWatch(LiveRules rules, Duration pause) {
    this.rules = rules;
    this.pause = pause;
    this.thread = new Thread(this::run, "rules");
    thread.setDaemon(true);
  }

  /**
   * Watches until it is closed.
   *
   * @param pause the time between two looks while nothing happens; at least 100 ms
   */
  public static RulesWatch over(LiveRules rules, Duration pause) {
    RulesWatch watch = new RulesWatch(rules, pause);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      boolean changing = look();
      // Not to be cut short by events: they come while a file is being written.
      while (!ended.await(LEAST.toNanos(), TimeUnit.NANOSECONDS)) {
        if (!changing) {
          alarm.await(rules.places(), pause.minus(LEAST));
        }
        if (ended.getCount() > 0) {
          changing = look();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whatever goes wrong, the thread goes on: without it no change would ever be seen again. */
  private boolean look() {
    try {
      return rules.look();
    } catch (RuntimeException | Error e) {
      log.error("Looking at the rules failed; they stay as they are", e);
      return false;
    }
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  /** Looks no more; waits for a look under way. */
  @Override
  public void close() {
    ended.countDown();
    alarm.close();
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
