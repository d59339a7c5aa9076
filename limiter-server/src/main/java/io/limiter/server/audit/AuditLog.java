package io.limiter.server.audit;

import io.limiter.server.access.AccessException;
import io.limiter.server.access.AccessListener;
import io.limiter.server.access.AccessTable;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes down who did what, on a thread of its own. No call waits for it: what is too much is left
 * out, and counted in a line of its own. Refusals, which anybody can cause, have a rate of their
 * own and half of the queue, so that no flood of them hides what was done. Safe to use from any
 * thread.
 */
public final class AuditLog implements Audit, AccessListener, AutoCloseable {
  /** So many refusals a second are written, and so many of all else; each with that burst. */
  static final int PER_SECOND = 1_000;

  private static final int MOST_WAITING = 4_096;
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So long the end waits for what is still to be written. */
  private static final long LAST_MILLIS = 2_000;

  /** Without an event it only wakes the thread. */
  private record Stamped(Instant time, @Nullable AuditEvent event) {}

  private final Clock clock;
  private final AuditFile file;
  private final BlockingQueue<Stamped> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicLong leftOut = new AtomicLong();
  private final Rate refusals = new Rate();
  private final Rate others = new Rate();
  private final Thread thread = new Thread(this::run, "limiter-audit");
  private volatile boolean ended;

  private AuditLog(AuditFile file, Clock clock) {
    this.file = file;
    this.clock = clock;
    thread.setDaemon(true);
  }

  /**
   * Begins to write.
   *
   * @throws IOException when nothing can be written there; the message says why and what to do
   */
  public static AuditLog to(AuditTarget target, Clock clock) throws IOException {
    AuditLog made = new AuditLog(AuditFile.open(target.file()), clock);
    made.thread.start();
    return made;
  }

  /** A second's worth at once, and no more in each. */
  private static final class Rate {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long EACH = SECOND / PER_SECOND;

    private final AtomicLong paid = new AtomicLong(System.nanoTime() - SECOND);

    boolean take() {
      while (true) {
        long now = System.nanoTime();
        long before = paid.get();
        long from = before - now < 0 ? now : before;
        if (from - now + EACH > SECOND) {
          return false;
        }
        if (paid.compareAndSet(before, from + EACH)) {
          return true;
        }
      }
    }
  }

  @Override
  public void tell(AuditEvent event) {
    boolean refusal = event.what() == AuditEvent.What.REFUSED;
    boolean fits =
        (refusal ? refusals : others).take()
            && (!refusal || waiting.remainingCapacity() > MOST_WAITING / 2)
            && waiting.offer(new Stamped(clock.instant(), event));
    if (!fits) {
      leftOut.incrementAndGet();
    }
  }

  /** That a caller asks too much is no question of access: metrics count it. */
  @Override
  public void refused(Refusal refusal) {
    if (refusal.kind() != AccessException.Kind.TOO_MUCH) {
      tell(AuditEvent.of(refusal));
    }
  }

  @Override
  public void loaded(boolean good, AccessTable table) {
    tell(AuditEvent.of(AuditEvent.What.ACCESS_RELOADED, good, table.callers().size()));
  }

  /**
   * The files of rules were read.
   *
   * @param good whether all that was read is in force
   * @param rules how many are in force
   */
  public void rulesLoaded(boolean good, int rules) {
    tell(AuditEvent.of(AuditEvent.What.RULES_RELOADED, good, rules));
  }

  private void run() {
    long looked = System.nanoTime();
    boolean more = true;
    while (more) {
      Stamped next = next();
      long now = System.nanoTime();
      if (now - looked >= LOOK_NANOS) {
        looked = now;
        file.look();
        tellLeftOut();
      }
      AuditEvent event = next == null ? null : next.event();
      if (next != null && event != null && !file.write(AuditJson.line(next.time(), event))) {
        leftOut.incrementAndGet();
      }
      more = next != null || !ended;
    }
    tellLeftOut();
    file.close();
  }

  private @Nullable Stamped next() {
    try {
      return ended ? waiting.poll() : waiting.poll(LOOK_NANOS, TimeUnit.NANOSECONDS);
    } catch (InterruptedException nobodyInterruptsThis) {
      return null;
    }
  }

  private void tellLeftOut() {
    long count = leftOut.getAndSet(0);
    if (count > 0) {
      AuditEvent event = AuditEvent.of(AuditEvent.What.LEFT_OUT, /* good= */ true, count);
      if (!file.write(AuditJson.line(clock.instant(), event))) {
        leftOut.addAndGet(count);
      }
    }
  }

  /** Writes what waits, for two seconds at most. What is told after that is not written. */
  @Override
  public void close() {
    ended = true;
    // It wakes the thread. An interrupt would close the file that is being written.
    waiting.offer(new Stamped(clock.instant(), null));
    try {
      thread.join(LAST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
