package io.limiter.jmh.load.pace;

import java.time.Duration;
import java.util.List;

/** When questions are asked. */
public interface Pace {
  /** Before the first round. */
  Pace IDLE =
      new Pace() {
        @Override
        public Timing run(List<Slot> slots, Duration time) {
          throw new UnsupportedOperationException("asks nothing");
        }

        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void answered(Slot slot, boolean decided, long nowNanos) {
          throw new IllegalStateException("an answer, and nothing was asked");
        }
      };

  /** How long to wait for the answers that are still missing when the time is over. */
  Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * Asks for that long and then waits until all is answered.
   *
   * @throws IllegalStateException when there is no answer to a question for a minute
   */
  public Timing run(List<Slot> slots, Duration time) throws InterruptedException;

  /** The time that latencies are taken by. */
  public long nanoTime();

  /** The slot is free; called from the thread that read the answer. */
  public void answered(Slot slot, boolean decided, long nowNanos);

  /**
   * How a round went.
   *
   * @param seconds which the rate is to be taken over
   * @param late how many answers came after that time, and are not of the rate
   * @param dropped questions that were due and not asked
   */
  public record Timing(double seconds, long late, long dropped) {}
}
