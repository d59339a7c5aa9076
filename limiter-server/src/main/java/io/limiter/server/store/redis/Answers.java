package io.limiter.server.store.redis;

import io.limiter.server.store.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The answers of a batch on their way to those who asked. Those of one thread go there together: it
 * wakes up once for all of them, and sends what they come to at once. Not safe to share between
 * threads.
 */
final class Answers {
  private final List<Homeward> homes = new ArrayList<>(4);

  /** Takes an answer in; it is told with {@link #send}, or at once where any thread will do. */
  void add(Waiting question, Answer answer) {
    Executor home = question.home();
    if (home == null) {
      question.complete(answer);
    } else {
      to(home).add(question, answer);
    }
  }

  private Homeward to(Executor home) {
    for (int i = 0; i < homes.size(); i++) {
      if (homes.get(i).home.equals(home)) {
        return homes.get(i);
      }
    }
    Homeward first = new Homeward(home);
    homes.add(first);
    return first;
  }

  /** Sends on what was taken in. */
  void send() {
    homes.forEach(Homeward::send);
  }

  /** The answers for one thread. */
  private static final class Homeward implements Runnable {
    private final Executor home;
    private final List<Waiting> questions = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();

    Homeward(Executor home) {
      this.home = home;
    }

    void add(Waiting question, Answer answer) {
      questions.add(question);
      answers.add(answer);
    }

    void send() {
      try {
        home.execute(this);
      } catch (RejectedExecutionException ended) {
        run();
      }
    }

    @Override
    public void run() {
      for (int i = 0; i < questions.size(); i++) {
        questions.get(i).complete(answers.get(i));
      }
    }
  }
}
