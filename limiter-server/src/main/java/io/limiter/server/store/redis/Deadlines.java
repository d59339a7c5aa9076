package io.limiter.server.store.redis;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Fails questions whose deadline has passed. Safe to call from any thread.
 *
 * <p>A question waits for a whole number of milliseconds, as long as its caller does, rounded down.
 * Those that wait equally long come due in the order in which they came, so that one timer for the
 * first of each length is enough.
 */
final class Deadlines implements AutoCloseable {
  private static final int DROPPED_AT_ONCE = 4;

  private final int most;
  private final Duration usual;
  private final String address;
  private final Executor reader;
  private final AtomicReferenceArray<@Nullable Line> lines;
  private final ScheduledExecutorService timer;

  /**
   * Deadlines.
   *
   * @param usual how long a question waits whose caller did not say
   * @param most the longest that any waits, in whole milliseconds; 1 ms or more
   * @param address where Redis is, for messages
   * @param reader runs what fails questions, after it has read what has arrived by then
   */
  Deadlines(Duration usual, Duration most, String address, Executor reader) {
    this.most = Math.toIntExact(most.toMillis());
    this.usual = usual;
    this.address = address;
    this.reader = reader;
    this.lines = new AtomicReferenceArray<>(this.most + 1);
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            new ThreadFactoryBuilder().setNameFormat("limiter-deadlines").setDaemon(true).build());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer = executor;
  }

  /**
   * When a question that comes now stops waiting, by {@link System#nanoTime}.
   *
   * @param waitNanos how long its caller waits, or {@link Charge#ANY_WAIT}
   */
  long next(long waitNanos) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis(waitNanos));
  }

  private int millis(long waitNanos) {
    long millis =
        waitNanos == Charge.ANY_WAIT ? usual.toMillis() : TimeUnit.NANOSECONDS.toMillis(waitNanos);
    return (int) Math.max(0, Math.min(millis, most));
  }

  /** Fails a question when its time is over. */
  void watch(PendingQuestion question) {
    int millis = millis(question.charge().waitNanos());
    Line line = lines.get(millis);
    if (line == null) {
      Line made = new Line(millis);
      line = lines.compareAndSet(millis, null, made) ? made : lines.get(millis);
    }
    line.add(question);
  }

  /** How many questions are kept whose callers wait so long. */
  int kept(long waitNanos) {
    Line line = lines.get(millis(waitNanos));
    return line == null ? 0 : line.size();
  }

  /** Questions that wait equally long. */
  private final class Line {
    private final StoreException late;
    private final Queue<PendingQuestion> pending = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean armed = new AtomicBoolean();

    Line(int millis) {
      late = StoreException.timeout(Duration.ofMillis(millis), address);
    }

    void add(PendingQuestion question) {
      dropAnswered();
      pending.add(question);
      arm();
    }

    /** More than come. Else what is answered would be kept for as long as its caller would wait. */
    private void dropAnswered() {
      PendingQuestion first = pending.peek();
      for (int i = 0; i < DROPPED_AT_ONCE && first != null && first.isDone(); i++) {
        // Not poll: another thread may have dropped it, and the next still waits.
        pending.remove(first);
        first = pending.peek();
      }
    }

    int size() {
      return pending.size();
    }

    private void arm() {
      PendingQuestion first = pending.peek();
      if (first != null && armed.compareAndSet(false, true)) {
        long pause = Math.max(0, first.deadlineNanos() - System.nanoTime());
        try {
          var unused =
              timer.schedule(() -> reader.execute(this::expire), pause, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
          first.late(late);
        }
      }
    }

    private void expire() {
      long now = System.nanoTime();
      PendingQuestion first = pending.peek();
      while (first != null && (first.isDone() || first.deadlineNanos() - now <= 0)) {
        pending.remove();
        first.late(late);
        first = pending.peek();
      }
      armed.set(false);
      arm();
    }

    void fail() {
      pending.forEach(question -> question.late(late));
    }
  }

  @Override
  public void close() {
    timer.shutdown();
    for (int millis = 0; millis <= most; millis++) {
      Line line = lines.get(millis);
      if (line != null) {
        line.fail();
      }
    }
  }
}
