package io.limiter.server.program;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The end of the process: in good order as a rule, but an end in any case. It is prepared before
 * the service starts, since the process may be told to end at any time.
 */
public final class Ending implements AutoCloseable {
  /** What closing may take beyond the grace of the calls: leases go back, connections close. */
  private static final Duration REST = Duration.ofSeconds(5);

  /** From when a port is open until the service is known here takes less. */
  private static final Duration START = Duration.ofSeconds(1);

  /** Of a process that SIGTERM ended. */
  private static final int EXIT = 143;

  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** What closes the service. */
  private final CompletableFuture<Runnable> started = new CompletableFuture<>();

  private final Duration start;

  /**
   * Not told yet.
   *
   * @param start how long one that is told waits for a service that starts
   */
  Ending(Duration start) {
    this.start = start;
  }

  /**
   * Has the process end in good order when it is told to, also while the service starts: then at
   * once, since nobody was served. If closing takes longer than the grace and five seconds, the
   * process is halted: a thread that died of a lack of memory may have left others waiting for
   * ever.
   */
  public static Ending prepare(Duration grace) {
    Ending ending = new Ending(START);
    // Made now, since there may be no memory for it later.
    Thread watch = new Thread(() -> ending.haltUnless(grace.plus(REST)), "shutdown-watch");
    watch.setDaemon(true);
    watch.start();
    Runtime.getRuntime().addShutdownHook(new Thread(ending::end, "shutdown"));
    return ending;
  }

  /** Blocks until the process is told to end and the service is closed. */
  public void await(Runnable close) throws InterruptedException {
    started.complete(close);
    ended.await();
  }

  /** No service is to be closed. */
  @Override
  public void close() {
    started.complete(() -> {});
  }

  /** The process was told to end. */
  void end() {
    told.countDown();
    try {
      started.get(start.toMillis(), TimeUnit.MILLISECONDS).run();
    } catch (TimeoutException | ExecutionException unserved) {
      // It ends while it starts.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private void haltUnless(Duration most) {
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
