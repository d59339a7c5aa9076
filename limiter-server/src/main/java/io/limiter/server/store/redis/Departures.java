package io.limiter.server.store.redis;

import io.limiter.server.fair.FairQueue;
import io.limiter.server.store.GivenUpException;
import io.limiter.server.store.StoreException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The queue of questions, and when they leave it. Lock-free; safe to call from any thread.
 *
 * <p>A batch leaves as soon as nothing is in flight, with whatever waits then. While one batch is
 * in flight, a second leaves only when full, because a call's fixed cost is shared by its
 * questions. So a lone question leaves at once, and batches grow with the load by themselves.
 *
 * <p>Callers are served in turn, and work is counted by the counters that it asks. A question is
 * refused at once if its caller has as many waiting as may, or if at the present {@link Pace} it
 * would be answered too late.
 *
 * <p><b>No question is ever stranded.</b> Whenever no thread is inside a method of this class:
 *
 * <pre>  a batch is in flight, or a wake is set, or the queue is empty</pre>
 *
 * <p>A batch in flight {@link #landed lands} and then drains the queue. A wake drains it too. It
 * holds because everybody writes first and looks second:
 *
 * <ul>
 *   <li>{@link #add} puts its question into the queue, then looks at what is in flight and whether
 *       a wake is set. If nothing is in flight, it sets one.
 *   <li>{@link #landed} takes its batch out of flight, then looks into the queue.
 *   <li>A wake clears itself, then looks into the queue.
 * </ul>
 *
 * <p>All these fields are volatile. So of an {@code add} and one of the others at the same time, at
 * least one sees what the other wrote. And no look into the queue is dropped: a thread that finds
 * another one draining leaves a mark, and that one looks again before it goes.
 */
final class Departures {
  /** So that a batch of one hot counter is dealt out in a moment. */
  private static final int MOST_QUESTIONS = 4_096;

  /** So that a batch of large questions keeps Redis no longer than two of small ones. */
  private static final int COUNTERS_PER_ENTRY = 2;

  private final RedisSettings settings;
  private final Executor sender;
  private final Consumer<Batch> send;

  private final FairQueue<PendingQuestion> queue;
  private final Pace pace = new Pace();
  private final StoreException tooMany;

  private volatile @Nullable TooLate tooLate;

  /** How many batches are in flight. */
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Whether a task is on its way that drains the queue. */
  private final AtomicBoolean woken = new AtomicBoolean();

  /** 0 if no thread drains the queue; else 1 and one more for each thread that left its mark. */
  private final AtomicInteger draining = new AtomicInteger();

  /**
   * An empty queue.
   *
   * @param sender runs what sends, soon; may do so on the caller's thread
   * @param send sends a batch, and must not throw. One thread at a time calls it. Every batch that
   *     it is given has to land
   */
  Departures(RedisSettings settings, Executor sender, Consumer<Batch> send) {
    this.settings = settings;
    this.sender = sender;
    this.send = send;
    queue = new FairQueue<>(settings.queueSize());
    tooMany =
        StoreException.overloaded(
            "this connection has questions waiting for Redis about as many counters as may, %d if nobody else has any; ask again later"
                .formatted(settings.queueSize()));
  }

  /**
   * Has a question leave with one of the next batches. It may wait for half of its time at the
   * present pace: the rest is for what is in flight, for its own batch, and for the way of the
   * answer on a machine that is busy then. Else Redis charges what is answered too late.
   *
   * @return null, or why it may not wait
   */
  @Nullable StoreException add(PendingQuestion question) {
    long ahead = pace.nanos(queue.ahead(question.caller()));
    if (ahead > 0 && ahead > (question.deadlineNanos() - System.nanoTime()) / 2) {
      return tooLate(TimeUnit.NANOSECONDS.toMillis(ahead));
    }
    if (!queue.add(question.caller(), question)) {
      return tooMany;
    }
    if (mayLeave() && woken.compareAndSet(false, true)) {
      wakeSender(question.isBulk() ? null : question.replyExecutor());
    }
    return null;
  }

  /** The same as the last time, if nothing has changed: who refuses most has no time to write. */
  private StoreException tooLate(long millis) {
    TooLate last = tooLate;
    if (last == null || last.millis != millis) {
      last =
          new TooLate(
              millis,
              StoreException.overloaded(
                  "what waits for Redis takes %d ms at its present pace, more than half of the time that the caller allows; ask again later"
                      .formatted(millis)));
      tooLate = last;
    }
    return last.refusal;
  }

  private record TooLate(long millis, StoreException refusal) {}

  /**
   * An event loop first goes through all that it has just read: questions that came together leave
   * together.
   */
  private void wakeSender(@Nullable Executor eventLoop) {
    if (eventLoop != null) {
      try {
        eventLoop.execute(() -> sender.execute(this::wake));
        return;
      } catch (RejectedExecutionException ended) {
        // It reads nothing any more, so that nothing more is to be waited for.
      }
    }
    sender.execute(this::wake);
  }

  private void wake() {
    woken.set(false);
    drain();
  }

  /** Takes a batch out of flight, and sends what may leave now. */
  void landed() {
    pace.landed(System.nanoTime(), !queue.isEmpty());
    inFlight.decrementAndGet();
    drain();
  }

  /** A batch is sent again in so many parts, 1 or more, each of which has to land. */
  void split(int parts) {
    inFlight.addAndGet(parts - 1);
  }

  /** Whether Redis owes an answer. */
  boolean awaitsAnswer() {
    return inFlight.get() > 0;
  }

  /** Whether a batch may leave now. */
  private boolean mayLeave() {
    int underWay = inFlight.get();
    return underWay == 0
        || (underWay < settings.batchesInFlight() && queue.waiting() >= settings.batchSize());
  }

  /** Sends while there is something to send and it may leave. One thread at a time does. */
  private void drain() {
    if (draining.getAndIncrement() != 0) {
      return;
    }
    int marks = 1;
    do {
      while (mayLeave()) {
        Batch batch = nextBatch();
        if (batch.size() == 0) {
          break;
        }
        if (inFlight.getAndIncrement() == 0) {
          pace.starts(System.nanoTime());
        }
        send.accept(batch);
      }
      marks = draining.addAndGet(-marks);
    } while (marks != 0);
  }

  /**
   * Without those whose callers are gone, and those whose time is over, which {@link Deadlines}
   * fails. Empty only if the queue was.
   */
  private Batch nextBatch() {
    long now = System.nanoTime();
    Batch batch = new Batch(Math.min(settings.batchSize(), queue.waiting() + 1), now);
    int counters = 0;
    int taken = 0;
    while (batch.size() < settings.batchSize()
        && counters < COUNTERS_PER_ENTRY * settings.batchSize()
        && batch.questions() < MOST_QUESTIONS) {
      PendingQuestion question = queue.poll();
      if (question == null) {
        return batch;
      }
      if (question.isGone()) {
        question.completeExceptionally(new GivenUpException());
      } else if (!question.isDone() && question.deadlineNanos() - now > 0) {
        int before = batch.size();
        batch.add(question);
        taken += question.cost();
        counters += batch.size() > before ? question.cost() : 0;
      }
    }
    pace.full(taken);
    return batch;
  }

  /** The invariant. True whenever no thread is inside a method of this class. */
  boolean strandsNothing() {
    return inFlight.get() > 0 || woken.get() || queue.isEmpty();
  }
}
