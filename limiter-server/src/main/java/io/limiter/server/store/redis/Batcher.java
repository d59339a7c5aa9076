package io.limiter.server.store.redis;

import io.limiter.script.DecideArguments;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterKeys;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends waiting questions in batches. A batch leaves as soon as one of a few places in flight is
 * free, with whatever waits then: a lone question goes at once, and batches grow with the load by
 * themselves. Questions are sent in the order in which they came.
 */
final class Batcher {
  private static final int MOST_TRIES = 3;

  private final ScriptCaller scripts;
  private final RedisSettings settings;
  private final StoreListener listener;
  private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger draining = new AtomicInteger();

  /** About the time by Redis: that of the newest reply. Calendar windows are sent for it. */
  private volatile long lastMicros;

  Batcher(ScriptCaller scripts, RedisSettings settings, StoreListener listener) {
    this.scripts = scripts;
    this.settings = settings;
    this.listener = listener;
  }

  void submit(Waiting question) {
    if (queued.incrementAndGet() > settings.queueSize()) {
      queued.decrementAndGet();
      question
          .answer()
          .completeExceptionally(
              new StoreException(
                  StoreException.Kind.OVERLOADED,
                  settings.queueSize() + " questions wait for Redis already; ask again later",
                  null));
      return;
    }
    queue.add(question);
    drain();
  }

  /** Sends while there is something to send and a place in flight. One thread at a time does. */
  private void drain() {
    if (draining.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      while (inFlight.get() < settings.batchesInFlight()) {
        List<Waiting> batch = nextBatch();
        if (batch.isEmpty()) {
          break;
        }
        inFlight.incrementAndGet();
        send(batch, lastMicros, 1);
      }
      seen = draining.addAndGet(-seen);
    } while (seen != 0);
  }

  private List<Waiting> nextBatch() {
    List<Waiting> batch = new ArrayList<>(Math.min(settings.batchSize(), queued.get() + 1));
    while (batch.size() < settings.batchSize()) {
      Waiting question = queue.poll();
      if (question == null) {
        break;
      }
      queued.decrementAndGet();
      if (!question.answer().isDone()) {
        batch.add(question);
      }
    }
    return batch;
  }

  private void send(List<Waiting> batch, long aroundMicros, int tries) {
    DecideArguments call = new DecideArguments(aroundMicros);
    batch.forEach(question -> write(question, call));
    listener.batchSent(batch.size());
    long start = System.nanoTime();
    var unused =
        scripts
            .call(Scripts.STANDARD.decide(), call.keys(), call.arguments())
            .whenComplete((reply, failure) -> answered(batch, reply, failure, start, tries));
  }

  private static void write(Waiting question, DecideArguments call) {
    Charge charge = question.charge();
    Charge.Idempotency idempotency = charge.idempotency();
    if (charge.isPlain() && question.receipt() == null) {
      Charge.Entry entry = charge.entries().get(0);
      call.plainQuestion();
      call.counter(entry.key(), entry.limit(), entry.cost());
      return;
    }
    call.question(
        charge.roles(), charge.countDenied(), idempotency != null, question.receipt() != null);
    if (idempotency != null) {
      call.idempotency(idempotency.key(), idempotency.fingerprint(), shape(charge));
    }
    if (question.receipt() != null) {
      call.receipt(CounterKeys.receipt(question.receipt()));
    }
    charge.entries().forEach(entry -> call.counter(entry.key(), entry.limit(), entry.cost()));
  }

  /**
   * Differs when the rules that apply have changed: then the first answer's statuses fit no more.
   */
  private static String shape(Charge charge) {
    StringBuilder keys = new StringBuilder(charge.roles());
    charge.entries().forEach(entry -> keys.append(' ').append(entry.key()));
    return CounterKeys.digest(keys.toString());
  }

  private void answered(
      List<Waiting> batch,
      @Nullable Reply reply,
      @Nullable Throwable failure,
      long start,
      int tries) {
    List<Again> again = new ArrayList<>(0);
    try {
      if (reply == null || failure != null) {
        StoreException known =
            RedisFailures.classify(
                failure == null ? new IllegalStateException("no reply") : failure);
        listener.batchFailed(known.kind());
        batch.forEach(question -> question.answer().completeExceptionally(known));
      } else {
        listener.batchAnswered(System.nanoTime() - start);
        deal(batch, reply, again);
      }
    } catch (RuntimeException unreadable) {
      StoreException bug = RedisFailures.classify(unreadable);
      listener.batchFailed(bug.kind());
      batch.forEach(question -> question.answer().completeExceptionally(bug));
    }
    if (again.isEmpty()) {
      inFlight.decrementAndGet();
      drain();
    } else {
      inFlight.addAndGet(again.size() - 1);
      again.forEach(one -> askAgain(one, tries + 1));
    }
  }

  private record Again(Waiting question, long aroundMicros) {}

  private void deal(List<Waiting> batch, Reply reply, List<Again> again) {
    ReplyDecoder decoder = new ReplyDecoder(reply);
    lastMicros = decoder.nowMicros();
    for (Waiting question : batch) {
      ReplyDecoder.Decoded decoded = decoder.next(question);
      if (decoded instanceof ReplyDecoder.Decoded.Answered answered) {
        question.answer().complete(answered.answer());
      } else if (decoded instanceof ReplyDecoder.Decoded.AskAgain other) {
        again.add(new Again(question, other.aroundMicros()));
      } else if (decoded instanceof ReplyDecoder.Decoded.Failed failed) {
        question.answer().completeExceptionally(failed.failure());
      }
    }
  }

  /** Asks once more, alone, with the calendar windows around the time that the script named. */
  private void askAgain(Again one, int tries) {
    if (tries > MOST_TRIES) {
      one.question()
          .answer()
          .completeExceptionally(
              new StoreException(
                  StoreException.Kind.BUG, "no calendar window covers the time of Redis", null));
      inFlight.decrementAndGet();
      drain();
    } else {
      send(List.of(one.question()), one.aroundMicros(), tries);
    }
  }
}
