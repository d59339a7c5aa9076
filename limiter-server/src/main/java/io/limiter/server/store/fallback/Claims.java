package io.limiter.server.store.fallback;

import io.limiter.server.store.Claim;
import io.limiter.server.store.DebtListener.Unsettled;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Questions that were admitted under an idempotency key, and are charged unless Redis has them
 * charged already. Bounded: the oldest go first. Safe to share between threads.
 */
final class Claims {
  /**
   * Redis forgets after a minute from an answer that it gave to the question. The clocks may differ
   * by a hundredth, and the call takes its time.
   */
  static final Duration LAST = Duration.ofSeconds(50);

  private final int most;
  private final SettlerLog told;
  private final Deque<Question> waiting = new ArrayDeque<>();
  private int sent;

  /** The counters of the questions that wait or are sent. */
  private final Map<String, Counter> counters = new HashMap<>();

  /**
   * A question that waits for its record.
   *
   * @param owed what it owes to its counters once it is claimed
   */
  record Question(Claim claim, List<Owing> owed, long atNanos) {
    Question {
      owed = List.copyOf(owed);
    }

    long cost() {
      return owed.stream().mapToLong(one -> Math.max(0, one.cost())).sum();
    }
  }

  private static final class Counter {
    int questions;
    boolean isForgotten;
    long forgottenNanos;

    boolean isForgottenSince(long nanos) {
      return isForgotten && forgottenNanos - nanos >= 0;
    }
  }

  Claims(int most, SettlerLog told) {
    this.most = most;
    this.told = told;
  }

  synchronized void add(Question question) {
    if (waiting.size() + sent >= most) {
      Question eldest = waiting.poll();
      if (eldest == null) {
        told.unsettled(Unsettled.DISPLACED, question.cost());
        return;
      }
      end(eldest, Unsettled.DISPLACED);
    }
    question.owed.forEach(
        one -> counters.computeIfAbsent(one.key(), key -> new Counter()).questions++);
    waiting.add(question);
  }

  /** The next that is not too old; null if there is none. It counts as sent. */
  synchronized @Nullable Question next(long nowNanos) {
    Question next = waiting.poll();
    while (next != null && nowNanos - next.atNanos > LAST.toNanos()) {
      end(next, Unsettled.IN_DOUBT);
      next = waiting.poll();
    }
    sent += next == null ? 0 : 1;
    return next;
  }

  /** Nothing became of it: its turn comes again. */
  synchronized void later(Question question) {
    sent--;
    waiting.add(question);
  }

  /** It is known whether it owes anything: nothing else is kept of it. */
  synchronized void landed(Question question) {
    sent--;
    end(question, /* why= */ null);
  }

  /** Whether its counter was reset after it. To be asked before it is {@link #landed}. */
  synchronized boolean isVoid(Question question, Owing owing) {
    Counter counter = counters.get(owing.key());
    return counter != null && counter.isForgottenSince(question.atNanos);
  }

  private void end(Question question, @Nullable Unsettled why) {
    if (why != null) {
      told.unsettled(why, question.cost());
    }
    for (Owing one : question.owed) {
      Counter counter = counters.get(one.key());
      if (counter != null && --counter.questions == 0) {
        counters.remove(one.key());
      }
    }
  }

  /** Counters are owed nothing any more. */
  synchronized void forget(List<String> keys, long nowNanos) {
    for (String key : keys) {
      Counter counter = counters.get(key);
      if (counter != null) {
        counter.isForgotten = true;
        counter.forgottenNanos = nowNanos;
      }
    }
  }

  /** How many wait or are sent. */
  synchronized int size() {
    return waiting.size() + sent;
  }

  /** Gives up those that wait. */
  synchronized long giveUp() {
    long cost = waiting.stream().mapToLong(Question::cost).sum();
    waiting.clear();
    counters.clear();
    return cost;
  }
}
