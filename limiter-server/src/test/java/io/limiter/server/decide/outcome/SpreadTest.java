package io.limiter.server.decide.outcome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Outcome;
import java.util.LongSummaryStatistics;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is denied may be told to wait longer than it must, but never less. */
class SpreadTest {
  private static final Outcome.Denied DENIED = new Outcome.Denied(0, 5_000_000, 1_000_000);

  private static LongStream waits(Outcome.Denied denied, int basisPoints) {
    return LongStream.range(0, 10_000)
        .map(
            i ->
                assertInstanceOf(Outcome.Denied.class, Spread.of(denied, basisPoints))
                    .retryAfterMicros());
  }

  @ParameterizedTest
  @CsvSource({"1, 100", "1000, 100000", "10000, 1000000"})
  void aWait_isNeverShorter_andUpToSoMuchLonger(int basisPoints, long most) {
    LongSummaryStatistics waits = waits(DENIED, basisPoints).summaryStatistics();
    assertTrue(waits.getMin() >= 1_000_000, waits::toString);
    assertTrue(waits.getMax() <= 1_000_000 + most, waits::toString);
    // Ten thousand draws leave out the lowest and the highest tenth by a chance of 10^-457.
    assertTrue(waits.getMin() < 1_000_000 + most / 10, waits::toString);
    assertTrue(waits.getMax() > 1_000_000 + most - most / 10 - 1, waits::toString);
  }

  @Test
  void theLongestWaits_doNotOverflow() {
    long longest = Long.MAX_VALUE - 10;
    Outcome.Denied denied = new Outcome.Denied(0, 1, longest);
    assertTrue(waits(denied, 10_000).allMatch(wait -> wait >= longest));
    Outcome.Denied shortest = new Outcome.Denied(0, 1, 1);
    assertTrue(waits(shortest, 10_000).allMatch(wait -> wait == 1 || wait == 2));
  }

  @Test
  void withoutASpread_andForWhatIsNotDenied_nothingChanges() {
    assertSame(DENIED, Spread.of(DENIED, 0));
    Outcome admitted = new Outcome.Admitted(1, 2, 3);
    assertSame(admitted, Spread.of(admitted, 10_000));
    Outcome never = new Outcome.Never(1, 2);
    assertSame(never, Spread.of(never, 10_000));
  }

  @Test
  void allButTheWait_staysAsItIs() {
    Outcome.Denied spread = (Outcome.Denied) Spread.of(new Outcome.Denied(3, 7, 11), 10_000);
    assertEquals(3, spread.remaining());
    assertEquals(7, spread.resetAfterMicros());
  }
}
