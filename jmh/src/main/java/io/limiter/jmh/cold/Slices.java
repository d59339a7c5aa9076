package io.limiter.jmh.cold;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What became of questions, by when they were asked, in slices of 100 ms. Safe to share. */
final class Slices {
  static final Duration SLICE = Duration.ofMillis(100);
  static final long SLICE_NANOS = SLICE.toNanos();

  private final AtomicLongArray asked;
  private final AtomicLongArray counted;
  private final AtomicLongArray fellBack;
  private final AtomicLongArray failed;
  private final AtomicLongArray longestNanos;
  private final AtomicLong admitted = new AtomicLong();
  private final Map<String, AtomicLong> reasons = new ConcurrentSkipListMap<>();

  Slices(Duration time) {
    int slices = (int) ((time.toNanos() + SLICE_NANOS - 1) / SLICE_NANOS);
    asked = new AtomicLongArray(slices);
    counted = new AtomicLongArray(slices);
    fellBack = new AtomicLongArray(slices);
    failed = new AtomicLongArray(slices);
    longestNanos = new AtomicLongArray(slices);
  }

  /** Of a question, how it was answered. */
  enum Outcome {
    ADMITTED,
    DENIED,
    FELL_BACK,
    FAILED
  }

  void asked(int slice) {
    asked.incrementAndGet(slice);
  }

  /**
   * Notes what became of a question.
   *
   * @param why it fell back or failed
   */
  void ended(int slice, Outcome outcome, String why, long nanos) {
    longestNanos.accumulateAndGet(slice, nanos, Math::max);
    switch (outcome) {
      case ADMITTED -> {
        admitted.incrementAndGet();
        counted.incrementAndGet(slice);
      }
      case DENIED -> counted.incrementAndGet(slice);
      case FELL_BACK -> fellBack.incrementAndGet(slice);
      case FAILED -> failed.incrementAndGet(slice);
    }
    if (outcome == Outcome.FELL_BACK || outcome == Outcome.FAILED) {
      reasons.computeIfAbsent(why, first -> new AtomicLong()).incrementAndGet();
    }
  }

  void add(Slices more) {
    for (int i = 0; i < asked.length(); i++) {
      asked.addAndGet(i, more.asked.get(i));
      counted.addAndGet(i, more.counted.get(i));
      fellBack.addAndGet(i, more.fellBack.get(i));
      failed.addAndGet(i, more.failed.get(i));
      longestNanos.accumulateAndGet(i, more.longestNanos.get(i), Math::max);
    }
    admitted.addAndGet(more.admitted.get());
    more.reasons.forEach(
        (why, times) ->
            reasons.computeIfAbsent(why, first -> new AtomicLong()).addAndGet(times.get()));
  }

  static String head() {
    return "%8s %8s %8s %8s %8s %10s"
        .formatted("from", "asked", "counted", "fellback", "failed", "longest");
  }

  String line(int slice) {
    return line(
        slice * 100 + " ms",
        asked.get(slice),
        counted.get(slice),
        fellBack.get(slice),
        failed.get(slice),
        longestNanos.get(slice));
  }

  /** All slices as one. */
  String total() {
    return line("all", sum(asked), sum(counted), sum(fellBack), sum(failed), longest());
  }

  private static String line(
      String from, long asked, long counted, long fellBack, long failed, long longest) {
    return "%8s %8d %8d %8d %8d %7.1f ms"
        .formatted(from, asked, counted, fellBack, failed, longest / 1e6);
  }

  int slices() {
    return asked.length();
  }

  long failures() {
    return sum(failed) + sum(fellBack);
  }

  long admitted() {
    return admitted.get();
  }

  long asked() {
    return sum(asked);
  }

  /** Those that have an answer or a failure. */
  long ended() {
    return sum(counted) + sum(fellBack) + sum(failed);
  }

  private long longest() {
    long longest = 0;
    for (int i = 0; i < longestNanos.length(); i++) {
      longest = Math.max(longest, longestNanos.get(i));
    }
    return longest;
  }

  Map<String, AtomicLong> reasons() {
    return reasons;
  }

  private static long sum(AtomicLongArray of) {
    long sum = 0;
    for (int i = 0; i < of.length(); i++) {
      sum += of.get(i);
    }
    return sum;
  }
}
