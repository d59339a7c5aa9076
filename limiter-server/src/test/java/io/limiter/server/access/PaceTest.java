package io.limiter.server.access;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {
  private static final long SECOND = 1_000_000_000;

  /** Near the end of its range: {@link System#nanoTime} may be there. */
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 2 * SECOND);

  private final Pace pace = new Pace(now::get);

  private static KnownCaller caller(long perSecond) {
    return new KnownCaller(
        "shop",
        List.of(),
        List.of(),
        List.of(),
        Set.of(),
        List.of(),
        new CallerLimits(perSecond, 0, 0, 0));
  }

  private int admitted(KnownCaller caller, int tries) {
    int admitted = 0;
    for (int i = 0; i < tries; i++) {
      try {
        pace.take(caller, 1);
        admitted++;
      } catch (AccessException tooMuch) {
        assertEquals(AccessException.Kind.TOO_MUCH, tooMuch.kind());
      }
    }
    return admitted;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 500, 999})
  void aSecondsWorth_isAskedAtOnce_andThenAtThePace(long perSecond) {
    KnownCaller caller = caller(perSecond);
    assertEquals(perSecond, admitted(caller, 2_000));
    now.addAndGet(SECOND / 2);
    int half = admitted(caller, 2_000);
    assertTrue(Math.abs(2L * half - perSecond) <= 2, () -> half + " in half a second");
    // Whatever is not used is not saved up, also across the end of the clock's range.
    now.addAndGet(10 * SECOND);
    assertEquals(perSecond, admitted(caller, 2_000));
  }

  @Test
  void whatIsRefused_isNotCounted_andSaysWhenToAskAgain() {
    KnownCaller caller = caller(10);
    assertEquals(10, admitted(caller, 10));
    AccessException refused = assertThrows(AccessException.class, () -> pace.take(caller, 1));
    assertEquals(
        "caller shop asks more than its 10 questions a second; ask again in 101 ms, or have its"
            + " bounds raised",
        refused.getMessage());
    now.addAndGet(101_000_000);
    assertDoesNotThrow(() -> pace.take(caller, 1));
  }

  @Test
  void moreAtOnceThanASecondsWorth_waitsForAWholeSecond_andOwesTheRest() {
    KnownCaller caller = caller(10);
    pace.take(caller, 100);
    now.addAndGet(9 * SECOND);
    assertThrows(AccessException.class, () -> pace.take(caller, 1));
    now.addAndGet(SECOND / 10);
    assertDoesNotThrow(() -> pace.take(caller, 1));
    assertThrows(AccessException.class, () -> pace.take(caller, 11), "there is no whole second");
    now.addAndGet(SECOND);
    assertDoesNotThrow(() -> pace.take(caller, 11));
  }

  @Test
  void anotherPace_countsFromNow() {
    assertEquals(10, admitted(caller(10), 20));
    now.addAndGet(SECOND / 10);
    assertTrue(admitted(caller(1_000), 2_000) >= 99);
  }
}
