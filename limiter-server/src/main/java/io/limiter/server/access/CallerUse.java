package io.limiter.server.access;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What one caller has of this instance. Safe to use from any thread. A bound is passed whenever it
 * is asked for, so another holds at once.
 */
final class CallerUse {
  private final int number;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();
  private final Pace questions;
  private final Pace bytes;
  private final Pace work;

  /**
   * Nothing yet.
   *
   * @param number of its own
   * @param nanoTime as {@link System#nanoTime}
   */
  CallerUse(int number, LongSupplier nanoTime) {
    this.number = number;
    questions = new Pace(nanoTime);
    bytes = new Pace(nanoTime);
    work = new Pace(nanoTime);
  }

  /** What tells it from others. */
  int number() {
    return number;
  }

  /** How many of its calls and requests are under way, of those that were counted. */
  int streams() {
    return streams.get();
  }

  /**
   * Counts a connection.
   *
   * @return to be run when the connection is closed
   * @throws AccessException if it has as many as it may; then nothing is counted
   */
  Runnable connect(KnownCaller caller) {
    int most = caller.bounds().connections();
    return hold(
        connections,
        most == 0 ? Integer.MAX_VALUE : most,
        "%s has %d connections to this instance, as many as it may (connections); ask on these, or have its bounds raised",
        caller);
  }

  /**
   * Counts a call or a request.
   *
   * @param caller with a bound on these
   * @return to be run when it is over
   * @throws AccessException if it has as many as it may; then nothing is counted
   */
  Runnable begin(KnownCaller caller) {
    return hold(
        streams,
        caller.bounds().streams(),
        "%s has %d calls and requests under way at this instance, as many as it may (streams); wait until one ends, or have its bounds raised",
        caller);
  }

  private static Runnable hold(AtomicInteger held, int most, String tooMany, KnownCaller caller) {
    int before;
    do {
      before = held.get();
      if (before >= most) {
        throw tooMuch(tooMany.formatted(who(caller), most), 0);
      }
    } while (!held.compareAndSet(before, before + 1));
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        held.decrementAndGet();
      }
    };
  }

  /**
   * Counts questions and their bytes.
   *
   * @param size of the message that they came in, in bytes; 0 if nobody counts it
   * @throws AccessException if they are too many now; then nothing is counted
   */
  void ask(KnownCaller caller, int count, int size) {
    CallerLimits bounds = caller.bounds();
    long mostQuestions = bounds.questionsPerSecond();
    long wait = mostQuestions == 0 ? 0 : questions.take(mostQuestions, count);
    if (wait > 0) {
      throw tooMuch(
          "%s asks more than its %d questions a second; ask again in %d ms, or have its bounds raised"
              .formatted(who(caller), mostQuestions, millis(wait)),
          wait);
    }
    long mostBytes = bounds.bytesPerSecond();
    wait = mostBytes == 0 || size == 0 ? 0 : bytes.take(mostBytes, size);
    if (wait > 0) {
      if (mostQuestions > 0) {
        questions.giveBack(mostQuestions, count);
      }
      throw tooMuch(
          "%s sends more than its %d bytes of messages a second; ask again in %d ms, or have its bounds raised"
              .formatted(who(caller), mostBytes, millis(wait)),
          wait);
    }
  }

  /**
   * Counts counters that are asked.
   *
   * @param caller with a bound on these
   * @param counters 1 or more
   * @throws AccessException if they are too many now; then nothing is counted
   */
  void work(KnownCaller caller, int counters) {
    long most = caller.bounds().workPerSecond();
    long wait = work.take(most, counters);
    if (wait > 0) {
      throw tooMuch(
          "%s asks more than its %d counters a second (work); ask again in %d ms, or have its bounds raised"
              .formatted(who(caller), most, millis(wait)),
          wait);
    }
  }

  /** Gives back counters that were counted a moment ago, and are not asked after all. */
  void giveBackWork(KnownCaller caller, int counters) {
    work.giveBack(caller.bounds().workPerSecond(), counters);
  }

  private static String who(KnownCaller caller) {
    return caller.name().isEmpty() ? "whoever shows nothing" : "caller " + caller.name();
  }

  private static long millis(long nanos) {
    return nanos / 1_000_000 + 1;
  }

  private static AccessException tooMuch(String message, long waitNanos) {
    return new AccessException(AccessException.Kind.TOO_MUCH, message, Duration.ofNanos(waitNanos));
  }
}
