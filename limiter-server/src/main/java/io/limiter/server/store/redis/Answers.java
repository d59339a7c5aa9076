package io.limiter.server.store.redis;

import io.limiter.server.store.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The answers of a batch, grouped by the event loops of those who asked. Each event loop wakes up
 * once for all of its answers. Not safe to share between threads.
 */
final class Answers {
  private final List<Delivery> deliveries = new ArrayList<>(4);
  private final StoreListener listener;

  /**
   * No answers yet.
   *
   * @param listener hears of admissions that nobody waits for any more
   */
  Answers(StoreListener listener) {
    this.listener = listener;
  }

  /** Takes an answer in. {@link #send} delivers it; without a reply executor it goes at once. */
  void add(PendingQuestion question, Answer answer) {
    Executor replyExecutor = question.replyExecutor();
    if (replyExecutor == null) {
      deliver(question, answer);
    } else {
      deliveryTo(replyExecutor).add(question, answer);
    }
  }

  private void deliver(PendingQuestion question, Answer answer) {
    if (!question.complete(answer)) {
      boolean charged = question.isChargedBy(answer);
      question.foundOut(charged);
      if (charged) {
        listener.chargedLate();
      }
    }
  }

  private Delivery deliveryTo(Executor executor) {
    for (int i = 0; i < deliveries.size(); i++) {
      if (deliveries.get(i).executor.equals(executor)) {
        return deliveries.get(i);
      }
    }
    Delivery first = new Delivery(executor);
    deliveries.add(first);
    return first;
  }

  /** Delivers what was taken in. */
  void send() {
    deliveries.forEach(Delivery::send);
  }

  /** The answers for one event loop. */
  private final class Delivery implements Runnable {
    private final Executor executor;
    private final List<PendingQuestion> questions = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();

    Delivery(Executor executor) {
      this.executor = executor;
    }

    void add(PendingQuestion question, Answer answer) {
      questions.add(question);
      answers.add(answer);
    }

    void send() {
      try {
        executor.execute(this);
      } catch (RejectedExecutionException ended) {
        run();
      }
    }

    @Override
    public void run() {
      for (int i = 0; i < questions.size(); i++) {
        deliver(questions.get(i), answers.get(i));
      }
    }
  }
}
