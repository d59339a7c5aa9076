package io.limiter.server.store.redis;

import io.limiter.script.DecideArguments;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends waiting questions in batches. A batch leaves as soon as one of a few places in flight is
 * free, with whatever waits then: a lone question goes at once, and batches grow with the load by
 * themselves. Questions are sent in the order in which they came; only a batch whose script Redis
 * has lost is sent once more, behind one that is under way.
 *
 * <p>Batches are made on the connection's own thread, which has to send them in any case: while it
 * wakes up or deals out answers, more questions come to wait.
 */
final class Batcher {
  private static final int MOST_TRIES = 3;

  /** So that a batch of one hot counter is dealt out in a moment. */
  private static final int MOST_QUESTIONS = 4_096;

  private final ScriptCaller scripts;
  private final RedisSettings settings;
  private final StoreListener listener;
  private final Executor sender;
  private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicInteger draining = new AtomicInteger();

  /** About the time by Redis: that of the newest reply. Calendar windows are sent for it. */
  private volatile long lastMicros;

  /**
   * A batcher.
   *
   * @param sender runs what sends, soon; may do so on the caller's thread
   */
  Batcher(ScriptCaller scripts, RedisSettings settings, StoreListener listener, Executor sender) {
    this.scripts = scripts;
    this.settings = settings;
    this.listener = listener;
    this.sender = sender;
  }

  void submit(Waiting question) {
    if (queued.incrementAndGet() > settings.queueSize()) {
      queued.decrementAndGet();
      question.completeExceptionally(
          new StoreException(
              StoreException.Kind.OVERLOADED,
              settings.queueSize() + " questions wait for Redis already; ask again later",
              null));
      return;
    }
    queue.add(question);
    // If nothing may leave now, the next answer sends it.
    if (mayLeave() && woken.compareAndSet(false, true)) {
      wakeSender(question.home());
    }
  }

  /**
   * A thread that serves connections first goes through all that it has just read: questions that
   * came together leave together.
   */
  private void wakeSender(@Nullable Executor home) {
    if (home != null) {
      try {
        home.execute(() -> sender.execute(this::wake));
        return;
      } catch (RejectedExecutionException ended) {
        // It serves nobody any more, so that nothing more is to come.
      }
    }
    sender.execute(this::wake);
  }

  /**
   * Whether a batch may leave now. Beside one that is under way only a full one may: what a call
   * costs is shared by all of its questions.
   */
  private boolean mayLeave() {
    int underWay = inFlight.get();
    return underWay == 0
        || (underWay < settings.batchesInFlight() && queued.get() >= settings.batchSize());
  }

  private void wake() {
    woken.set(false);
    drain();
  }

  /** Sends while there is something to send and a place in flight. One thread at a time does. */
  private void drain() {
    if (draining.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      while (mayLeave()) {
        Batch batch = nextBatch();
        if (batch.size() == 0) {
          break;
        }
        inFlight.incrementAndGet();
        send(batch, lastMicros, 1);
      }
      seen = draining.addAndGet(-seen);
    } while (seen != 0);
  }

  private Batch nextBatch() {
    Batch batch = new Batch(Math.min(settings.batchSize(), queued.get() + 1));
    while (batch.size() < settings.batchSize() && batch.questions() < MOST_QUESTIONS) {
      Waiting question = queue.poll();
      if (question == null) {
        break;
      }
      queued.decrementAndGet();
      if (!question.isDone()) {
        batch.add(question);
      }
    }
    return batch;
  }

  private void send(Batch batch, long aroundMicros, int tries) {
    DecideArguments call = new DecideArguments(aroundMicros);
    batch.writeTo(call);
    listener.batchSent(batch.questions());
    long start = System.nanoTime();
    var unused =
        scripts
            .call(Scripts.STANDARD.decide(call), call.keys(), call.arguments())
            .whenComplete((reply, failure) -> answered(batch, reply, failure, start, tries));
  }

  private void answered(
      Batch batch, @Nullable Reply reply, @Nullable Throwable failure, long start, int tries) {
    List<Again> again = new ArrayList<>(0);
    try {
      if (reply == null || failure != null) {
        StoreException known =
            RedisFailures.classify(
                failure == null ? new IllegalStateException("no reply") : failure);
        listener.batchFailed(known.kind());
        batch.fail(known);
      } else {
        listener.batchAnswered(System.nanoTime() - start);
        deal(batch, reply, again);
      }
    } catch (RuntimeException unreadable) {
      StoreException bug = RedisFailures.classify(unreadable);
      listener.batchFailed(bug.kind());
      batch.fail(bug);
    }
    if (again.isEmpty()) {
      inFlight.decrementAndGet();
      drain();
    } else {
      inFlight.addAndGet(again.size() - 1);
      again.forEach(one -> askAgain(one, tries + 1));
    }
  }

  private record Again(Asked asked, long aroundMicros) {}

  private void deal(Batch batch, Reply reply, List<Again> again) {
    Answers answers = new Answers();
    ReplyDecoder decoder = new ReplyDecoder(reply, answers);
    lastMicros = decoder.nowMicros();
    for (Asked asked : batch.asked()) {
      long aroundMicros = decoder.answer(asked);
      if (aroundMicros != ReplyDecoder.ANSWERED) {
        again.add(new Again(asked, aroundMicros));
      }
    }
    answers.send();
  }

  /** Asks once more, alone, with the calendar windows around the time that the script named. */
  private void askAgain(Again one, int tries) {
    if (tries > MOST_TRIES) {
      one.asked()
          .fail(
              new StoreException(
                  StoreException.Kind.BUG, "no calendar window covers the time of Redis", null));
      inFlight.decrementAndGet();
      drain();
    } else {
      send(Batch.of(one.asked()), one.aroundMicros(), tries);
    }
  }
}
