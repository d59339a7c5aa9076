package io.limiter.jmh.load.pace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeTicker ticker = new FakeTicker();
  private final Tally tally = new Tally();
  private final List<Long> asked = new ArrayList<>();
  private final OpenLoop loop = new OpenLoop(() -> Arrivals.CONSTANT.at(1_000, 1), ticker);

  /** Asked, it does what the test says, with the number of the question, and is then answered. */
  private final class FakeSlot extends Slot {
    private final IntConsumer service;

    FakeSlot(IntConsumer service) {
      super(tally);
      this.service = service;
    }

    @Override
    public void send() {
      asked.add(ticker.nanoTime());
      service.accept(asked.size() - 1);
      score().decided(true);
      answered();
    }
  }

  @Test
  void questions_areAskedWhenTheyAreDue() throws InterruptedException {
    long start = ticker.nanoTime();
    Pace.Timing timing = loop.run(List.of(new FakeSlot(number -> {})), SECOND);

    assertEquals(1_000, asked.size());
    for (int i = 0; i < asked.size(); i++) {
      assertEquals(start + i * 1_000_000L, asked.get(i));
    }
    assertEquals(1, timing.seconds(), 1e-6);
    assertEquals(0, timing.dropped());
  }

  @Test
  void latency_countsFromWhenAQuestionWasDue_alsoOfThoseThatAStallKeptBack()
      throws InterruptedException {
    // The first takes half a second, the others nothing: 500 were due meanwhile.
    loop.run(List.of(new FakeSlot(number -> ticker.sleep(number == 0 ? 500_000_000 : 0))), SECOND);

    Totals totals = Totals.drain(List.of(tally));
    assertEquals(1_000, totals.decisions());
    assertEquals(500, totals.maxMillis(), 1);
    assertEquals(250, totals.millisAt(75), 2);
    assertEquals(0, totals.millisAt(49));
  }

  @Test
  void aQuestionWithoutAFreeSlot_isDropped() throws InterruptedException {
    List<Slot> held = new ArrayList<>();
    Slot never =
        new Slot(tally) {
          @Override
          public void send() {
            held.add(this);
            score().decided(true);
          }
        };
    FakeTicker answering = new FakeTicker();
    // Answers when all is due, as sleeping to the end shows.
    OpenLoop full =
        new OpenLoop(
            () -> Arrivals.CONSTANT.at(10, 1),
            new Ticker() {
              private final long end = answering.nanoTime() + SECOND.toNanos();

              @Override
              public long nanoTime() {
                return answering.nanoTime();
              }

              @Override
              public void sleep(long nanos) {
                answering.sleep(nanos);
                if (answering.nanoTime() >= end) {
                  held.forEach(Slot::answered);
                }
              }
            });

    assertEquals(9, full.run(List.of(never), SECOND).dropped());
    assertEquals(1, tally.decisions());
  }

  @Test
  void poisson_keepsTheRate_atUnequalDistances() {
    Arrivals.Schedule schedule = Arrivals.POISSON.at(1_000, 3);
    int count = 100_000;
    long last = 0;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      long due = schedule.nextNanos();
      squares += Math.pow((due - last) / 1e6 - 1, 2);
      last = due;
    }
    assertEquals(count / 1_000.0, last / 1e9, 2);
    // Of the exponential law, the variance is the square of the mean.
    assertEquals(1, squares / count, 0.05);
  }
}
