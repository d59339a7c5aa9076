package io.limiter.jmh.load.pace;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Asks when a question is due, whatever became of those before. Latency counts from when it was
 * due. So a service or a generator that stalls does not hide the questions that it kept from being
 * asked ("coordinated omission"). A question for which no slot is free is dropped.
 */
public final class OpenLoop implements Pace {
  private final Supplier<Arrivals.Schedule> schedules;
  private final Ticker ticker;
  private BlockingQueue<Slot> free = new ArrayBlockingQueue<>(1);

  /**
   * @param schedules one for each round
   */
  public OpenLoop(Supplier<Arrivals.Schedule> schedules, Ticker ticker) {
    this.schedules = schedules;
    this.ticker = ticker;
  }

  @Override
  public Timing run(List<Slot> slots, Duration time) throws InterruptedException {
    free = new ArrayBlockingQueue<>(slots.size());
    free.addAll(slots);
    slots.forEach(slot -> slot.under(this));
    Arrivals.Schedule schedule = schedules.get();
    long start = ticker.nanoTime();
    long dropped = 0;
    long due = schedule.nextNanos();
    while (due < time.toNanos()) {
      sleepUntil(start + due);
      Slot slot = free.poll();
      if (slot == null) {
        dropped++;
      } else {
        slot.ask(start + due);
      }
      due = schedule.nextNanos();
    }
    sleepUntil(start + time.toNanos());
    awaitAnswers(slots.size());
    return new Timing((ticker.nanoTime() - start) / 1e9, 0, dropped);
  }

  private void sleepUntil(long dueNanos) {
    long left = dueNanos - ticker.nanoTime();
    while (left > 0) {
      ticker.sleep(left);
      left = dueNanos - ticker.nanoTime();
    }
  }

  private void awaitAnswers(int slots) throws InterruptedException {
    for (int i = 0; i < slots; i++) {
      if (free.poll(PATIENCE.toNanos(), TimeUnit.NANOSECONDS) == null) {
        throw new IllegalStateException(
            "%d questions have no answer after %s; is the service still there?"
                .formatted(slots - i, PATIENCE));
      }
    }
  }

  @Override
  public long nanoTime() {
    return ticker.nanoTime();
  }

  @Override
  public void answered(Slot slot, boolean decided, long nowNanos) {
    free.add(slot);
  }
}
