package io.limiter.jmh;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.Arrays;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Measures the processor time that a Redis spends on commands, by its own account before and after.
 * Commands are sent ahead of their replies, so that Redis always has some to read.
 */
final class CpuMeter {
  /** An odd number, so that the median is one that was measured. */
  private static final int ROUNDS = 5;

  private static final int QUESTIONS_AHEAD = 1_024;

  private final StatefulRedisConnection<String, String> connection;
  private final RedisInfo info;

  CpuMeter(StatefulRedisConnection<String, String> connection) {
    this.connection = connection;
    info = new RedisInfo(connection);
  }

  /** A command to send. */
  interface Sending {
    /** Sends it; the stage completes with its reply. */
    CompletionStage<?> over(RedisAsyncCommands<String, String> commands);
  }

  /**
   * The median of five rounds, after one that is not counted.
   *
   * @param questions how many there are in each command
   * @return microseconds of processor time for each question
   */
  double microsPerQuestion(Iterable<Sending> round, int questions) {
    run(round, questions);
    double[] micros = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      double before = info.cpuMicros();
      long commands = run(round, questions);
      micros[i] = (info.cpuMicros() - before) / (commands * questions);
    }
    Arrays.sort(micros);
    return micros[ROUNDS / 2];
  }

  /** Sends all of them and waits until all are answered. Returns how many there were. */
  long run(Iterable<Sending> round, int questions) {
    // Written in halves of what may be under way: one half is answered while the other is read.
    int half = Math.max(2, QUESTIONS_AHEAD / questions / 2);
    Semaphore room = new Semaphore(2 * half);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    connection.setAutoFlushCommands(false);
    long sent = 0;
    for (Sending one : round) {
      if (sent % half == 0) {
        connection.flushCommands();
        room.acquireUninterruptibly(half);
      }
      var unused =
          one.over(connection.async())
              .whenComplete(
                  (reply, failed) -> {
                    if (failed != null) {
                      failure.compareAndSet(null, failed);
                    }
                    room.release();
                  });
      sent++;
    }
    connection.flushCommands();
    connection.setAutoFlushCommands(true);
    // What the last half did not use was acquired all the same.
    room.release((int) ((half - sent % half) % half));
    room.acquireUninterruptibly(2 * half);
    Throwable failed = failure.get();
    if (failed != null) {
      throw new CompletionException(failed);
    }
    return sent;
  }
}
