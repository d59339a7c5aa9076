package io.limiter.testing.history;

import io.limiter.testing.history.Event.Answer;
import io.limiter.testing.history.Event.By;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Notes when questions were asked and answered, all by one clock: that of this host, by which Redis
 * decides too. Safe to use from many threads.
 */
public final class Recorder {
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
  private final long start = System.nanoTime();

  /** By how much this clock is ahead of the one that cannot be set: no less, and no more. */
  private final AtomicLong atLeastAhead = new AtomicLong(Long.MIN_VALUE);

  private final AtomicLong atMostAhead = new AtomicLong(Long.MAX_VALUE);

  /** The time, in microseconds since the epoch. */
  public long now() {
    long before = System.nanoTime() / 1_000;
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    long after = System.nanoTime() / 1_000;
    atLeastAhead.accumulateAndGet(now - after - 1, Math::max);
    atMostAhead.accumulateAndGet(now - before + 1, Math::min);
    return now;
  }

  /** Asks a question and notes it. */
  public void ask(String instance, String key, long cost, Supplier<Answer> question) {
    long asked = now();
    Answer answer = question.get();
    long answered = Math.max(asked, now());
    events.add(new Event(instance, key, cost, asked, answered, answer));
    counter(instance, answer.by()).incrementAndGet();
  }

  private AtomicLong counter(String instance, By by) {
    return counts.computeIfAbsent(instance + " " + by, name -> new AtomicLong());
  }

  /** How many answers an instance gave so far. */
  public long answers(String instance, By by) {
    return counter(instance, by).get();
  }

  /**
   * All that was noted.
   *
   * @throws IllegalStateException if the clock was set meanwhile, and not only slowed or sped up as
   *     NTP does: then nobody knows when anything was decided
   */
  public List<Event> events() {
    long set = atLeastAhead.get() - atMostAhead.get();
    long slewed = (System.nanoTime() - start) / 1_000_000;
    if (set > 1_000 + slewed) {
      throw new IllegalStateException(
          "the clock of this host was set by %d us meanwhile; run this test again".formatted(set));
    }
    return List.copyOf(events);
  }
}
