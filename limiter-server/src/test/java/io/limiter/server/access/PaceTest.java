package io.limiter.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {
  private static final long SECOND = 1_000_000_000;

  /** Near the end of its range: {@link System#nanoTime} may be there. */
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 2 * SECOND);

  private final Pace pace = new Pace(now::get);

  private int admitted(long perSecond, int tries) {
    int admitted = 0;
    for (int i = 0; i < tries; i++) {
      admitted += pace.take(perSecond, 1) == 0 ? 1 : 0;
    }
    return admitted;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 500, 999})
  void aSecondsWorth_isAskedAtOnce_andThenAtThePace(long perSecond) {
    assertEquals(perSecond, admitted(perSecond, 2_000));
    now.addAndGet(SECOND / 2);
    int half = admitted(perSecond, 2_000);
    assertTrue(Math.abs(2L * half - perSecond) <= 2, () -> half + " in half a second");
    // Whatever is not used is not saved up, also across the end of the clock's range.
    now.addAndGet(10 * SECOND);
    assertEquals(perSecond, admitted(perSecond, 2_000));
  }

  @Test
  void whatIsRefused_isNotCounted_andSaysWhenItFits() {
    assertEquals(10, admitted(10, 10));
    now.addAndGet(37);
    long wait = pace.take(10, 1);
    assertEquals(SECOND / 10 - 37, wait);
    now.addAndGet(wait - 1);
    assertEquals(1, pace.take(10, 1), "a nanosecond too early");
    now.addAndGet(1);
    assertEquals(0, pace.take(10, 1));
  }

  @Test
  void theWaitOfSeveral_isUntilAllOfThemFit() {
    assertEquals(0, pace.take(10, 8));
    assertEquals(3 * SECOND / 10, pace.take(10, 5));
    assertEquals(0, pace.take(10, 2), "what was refused took nothing");
    now.addAndGet(SECOND / 2);
    assertEquals(0, pace.take(10, 5));
  }

  @Test
  void moreAtOnceThanASecondsWorth_waitsForAWholeSecond_andOwesTheRest() {
    assertEquals(0, pace.take(10, 100));
    now.addAndGet(9 * SECOND);
    assertEquals(SECOND / 10, pace.take(10, 1));
    now.addAndGet(SECOND / 10);
    assertEquals(0, pace.take(10, 1));
    assertEquals(SECOND, pace.take(10, 11), "there is no whole second");
    now.addAndGet(SECOND);
    assertEquals(0, pace.take(10, 11));
  }

  @Test
  void whatIsGivenBack_mayBeAskedAgain_andNoMore() {
    assertEquals(0, pace.take(10, 10));
    pace.giveBack(10, 3);
    assertEquals(3, admitted(10, 5));
    now.addAndGet(5 * SECOND);
    pace.giveBack(10, 7);
    assertEquals(10, admitted(10, 20), "nothing is saved up");
  }

  @Test
  void theLargestAmount_isExact() {
    int most = Integer.MAX_VALUE;
    assertEquals(0, pace.take(1, most));
    now.addAndGet(SECOND * (most - 1));
    assertEquals(SECOND, pace.take(1, 1));
    assertEquals(0, new Pace(now::get).take(1_000_000_000_000L, most));
  }

  @Test
  void aHigherPace_countsAtOnce_alsoForWhatIsOwed() {
    assertEquals(0, pace.take(10, 1_000));
    now.addAndGet(SECOND);
    assertEquals(98 * SECOND + SECOND / 10, pace.take(10, 1));
    // What is owed is 990 more, of which 990 a second leave no room for 11.
    assertEquals(SECOND / 90, pace.take(990, 11));
    assertEquals(10, admitted(1_000, 20));
  }

  @Test
  void aLowerPace_countsAtOnce_andBlocksNoLongerThanBefore() {
    assertEquals(0, pace.take(1_000_000_000, 1_000_000_000));
    assertEquals(SECOND, pace.take(1, 1));
    now.addAndGet(SECOND);
    assertEquals(1, admitted(1, 5));
  }
}
