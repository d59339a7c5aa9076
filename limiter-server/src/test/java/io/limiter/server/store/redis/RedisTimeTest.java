package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** When a question becomes void, by the clock of Redis. */
class RedisTimeTest {
  private static final long SEED = Long.getLong("limiter.test.seed", 20_261_127L);
  private static final long MILLI = 1_000_000;
  private static final long AHEAD = 1_766_666_400_000_000_000L;

  private final RedisTime time = new RedisTime();

  /** What Redis says: its clock starts {@code AHEAD} and gains {@code ppm} millionths. */
  private static long redisMicros(long nanos, long ppm, long jump) {
    return (AHEAD + jump + nanos + nanos * ppm / 1_000_000) / 1_000;
  }

  /** A call that Redis reads its clock for somewhere on the way. */
  private void exchange(long sent, long there, long back, long ppm, long jump) {
    time.saw(redisMicros(sent + there, ppm, jump), sent, sent + there + back);
  }

  @Test
  void whileRedisHasNotAnswered_nothingIsVoid() {
    assertEquals(0, time.deadline(0, MILLI));
  }

  /** By the clock of Redis at that moment; earlier only by the way back and the drift since. */
  @Test
  void aQuestionIsVoidNoLaterThanItsDeadline_andHardlyEarlier() {
    Random random = new Random(SEED);
    long ppm = random.nextLong(1_001) - 500;
    long now = 0;
    for (int i = 0; i < 100_000; i++) {
      now += random.nextLong(20 * MILLI);
      exchange(now, random.nextLong(5 * MILLI), 100_000 + random.nextLong(5 * MILLI), ppm, 0);
      now += 10 * MILLI;
      long wait = random.nextLong(1_000 * MILLI);
      long last = time.deadline(now, wait);
      long deadline = redisMicros(now + wait, ppm, 0);
      // A drift that goes on while the question waits is the only error to that side.
      String label = "seed %d exchange %d: %d after %d".formatted(SEED, i, last, deadline);
      assertTrue(last <= deadline + wait / 1_000_000 + 1, label);
      assertTrue(last >= deadline - 7_000 - wait / 1_000_000, label);
    }
  }

  @Test
  void oneReplySuffices_whenTheClockOfRedisJumps() {
    for (long jump : new long[] {-3_600_000 * MILLI, -10 * MILLI, 10 * MILLI, 3_600_000 * MILLI}) {
      exchange(0, MILLI, MILLI, 0, 0);
      exchange(10 * MILLI, MILLI, MILLI, 0, jump);
      long last = time.deadline(20 * MILLI, 50 * MILLI);
      long deadline = redisMicros(70 * MILLI, 0, jump);
      assertTrue(last <= deadline && last >= deadline - 2_000, jump + ": " + (last - deadline));
    }
  }

  @Test
  void aSlowReplyDoesNotLoosenWhatAFastOneTold() {
    exchange(0, MILLI, MILLI / 10, 0, 0);
    long before = time.deadline(0, 50 * MILLI);
    exchange(MILLI, MILLI, 900 * MILLI, 0, 0);
    long after = time.deadline(0, 50 * MILLI);
    assertTrue(after <= before && after >= before - 50, () -> after + " and before " + before);
  }

  /** Else Redis charges what is then answered too late. */
  @Test
  void whereRepliesTravelUnevenly_aQuestionIsVoidWhenItsAnswerWouldBeLate() {
    Random random = new Random(SEED);
    long wait = 11 * MILLI;
    long now = 0;
    int charged = 0;
    int late = 0;
    int asked = 20_000;
    for (int i = 0; i < asked; i++) {
      now += 20 * MILLI;
      long last = time.deadline(now, wait);
      long there = 3 * MILLI + random.nextLong(5 * MILLI);
      long back = 3 * MILLI + random.nextLong(5 * MILLI);
      if (last == 0 || redisMicros(now + there, 0, 0) <= last) {
        charged++;
        late += there + back > wait ? 1 : 0;
      }
      exchange(now, there, back, 0, 0);
    }
    String label =
        "%d charged of %d, %d of these answered too late".formatted(charged, asked, late);
    assertTrue(late < (asked - charged) / 100, label);
  }

  /** However unevenly: at least half of the time is left to Redis. */
  @Test
  void whereRepliesTravelAtAnySpeed_aQuestionIsOfUseForHalfOfItsTime() {
    for (long i = 0; i < 1_000; i++) {
      exchange(i * 100 * MILLI, MILLI, i % 2 * 90 * MILLI, 0, 0);
    }
    long now = 100_000 * MILLI;
    long last = time.deadline(now, 8 * MILLI);
    assertTrue(last >= redisMicros(now + 3 * MILLI, 0, 0), () -> "void at " + last);
  }
}
