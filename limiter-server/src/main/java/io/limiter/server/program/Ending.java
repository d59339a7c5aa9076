package io.limiter.server.program;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The end of the process: in good order as a rule, but an end in any case. */
public final class Ending {
  /** What closing may take beyond the grace of the calls: leases go back, connections close. */
  private static final Duration REST = Duration.ofSeconds(5);

  /** Of a process that SIGTERM ended. */
  private static final int EXIT = 143;

  private Ending() {}

  /**
   * Blocks until the process is told to end and the service is closed. If that takes longer than
   * the grace and five seconds, the process is halted: a thread that died of a lack of memory may
   * have left others waiting for ever.
   */
  public static void await(Service service, Duration grace) throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    // Made now, since there may be no memory for it later.
    Thread watch = new Thread(() -> haltUnless(told, ended, grace.plus(REST)), "shutdown-watch");
    watch.setDaemon(true);
    watch.start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  told.countDown();
                  service.close();
                  ended.countDown();
                },
                "shutdown"));
    ended.await();
  }

  private static void haltUnless(CountDownLatch told, CountDownLatch ended, Duration most) {
    try {
      told.await();
      if (!ended.await(most.toNanos(), TimeUnit.NANOSECONDS)) {
        Runtime.getRuntime().halt(EXIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
