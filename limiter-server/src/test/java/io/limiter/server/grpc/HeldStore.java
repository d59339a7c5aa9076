package io.limiter.server.grpc;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.local.LocalCounters;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Counters that answer when the test lets them. */
final class HeldStore extends ForwardingCounterStore {
  private final BlockingQueue<Question> questions = new LinkedBlockingQueue<>();
  private final AtomicInteger asked = new AtomicInteger();

  HeldStore() {
    super(LocalCounters.now());
  }

  /** A question that waits. */
  record Question(Charge charge, CompletableFuture<Answer> held, CounterStore counters) {
    void answer() {
      held.complete(counters.decide(charge).toCompletableFuture().join());
    }

    void fail(Throwable failure) {
      held.completeExceptionally(failure);
    }
  }

  /** The question that has waited longest; waits for one to come. */
  Question next() throws InterruptedException {
    Question question = questions.poll(20, TimeUnit.SECONDS);
    if (question == null) {
      throw new AssertionError("no question came");
    }
    return question;
  }

  /** Whether a question waits. */
  boolean waits() {
    return !questions.isEmpty();
  }

  /** How many questions have come. */
  int asked() {
    return asked.get();
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    CompletableFuture<Answer> held = new CompletableFuture<>();
    questions.add(new Question(charge, held, delegate()));
    asked.incrementAndGet();
    return held;
  }
}
