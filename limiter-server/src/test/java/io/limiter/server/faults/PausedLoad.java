package io.limiter.server.faults;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.Source;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Load of one instance, as fast as it answers or at a given rate. Its figures are the machine's.
 */
final class PausedLoad {
  private static final int AT_ONCE = 128;
  private static final int KEYS = 10_000;
  private static final int MOST_MILLIS = 10_000;

  private final LimiterClient client;

  PausedLoad(LimiterClient client) {
    this.client = client;
  }

  private static CheckRequest question(int number) {
    return CheckRequest.in("faults").attribute("turn", "k" + number % KEYS);
  }

  /** How many answers come a second when each is followed by the next question. */
  double fastest(Duration time) throws InterruptedException {
    Semaphore free = new Semaphore(AT_ONCE);
    AtomicInteger answered = new AtomicInteger();
    long start = System.nanoTime();
    for (int i = 0; System.nanoTime() - start < time.toNanos(); i++) {
      free.acquire();
      var unused =
          client
              .checkAsync(question(i))
              .thenAccept(
                  decision -> {
                    answered.addAndGet(decision.source() == Source.CLIENT ? 0 : 1);
                    free.release();
                  });
    }
    free.acquire(AT_ONCE);
    return answered.get() * 1e9 / (System.nanoTime() - start);
  }

  /** What came of questions that were asked at a rate, whether others were answered or not. */
  static final class Heard {
    final ConcurrentMap<String, AtomicInteger> sources = new ConcurrentHashMap<>();
    private final AtomicIntegerArray decided = new AtomicIntegerArray(MOST_MILLIS);
    private final AtomicInteger count = new AtomicInteger();

    private void note(Decision decision, long nanos) {
      String source =
          decision.failure().map(why -> why.code().name()).orElse(decision.source().name());
      sources.computeIfAbsent(source, none -> new AtomicInteger()).incrementAndGet();
      decided.incrementAndGet((int) Math.min(MOST_MILLIS - 1, nanos / 1_000_000));
      count.incrementAndGet();
    }

    /** The share of the questions that ended within so many milliseconds, in percent. */
    double within(int millis) {
      long fast = 0;
      for (int i = 0; i < millis; i++) {
        fast += decided.get(i);
      }
      return 100.0 * fast / count.get();
    }

    int longestMillis() {
      int longest = MOST_MILLIS - 1;
      while (longest > 0 && decided.get(longest) == 0) {
        longest--;
      }
      return longest + 1;
    }

    Map<String, AtomicInteger> sources() {
      return new TreeMap<>(sources);
    }
  }

  /** Asks at a rate, each question counted from when it was due. */
  Heard at(double rate, Duration time) {
    Heard heard = new Heard();
    AtomicInteger open = new AtomicInteger();
    long start = System.nanoTime();
    for (int i = 0; i < rate * time.toNanos() / 1e9; i++) {
      long due = start + (long) (i * 1e9 / rate);
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(200_000);
      }
      open.incrementAndGet();
      var unused =
          client
              .checkAsync(question(i))
              .thenAccept(
                  decision -> {
                    heard.note(decision, System.nanoTime() - due);
                    open.decrementAndGet();
                  });
    }
    while (open.get() > 0) {
      LockSupport.parkNanos(1_000_000);
    }
    return heard;
  }
}
