package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.SlidingLog;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Role;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What no store can answer is refused with what to do instead. */
class ChargeTest {
  private static final Charge.Entry FIXED = new Charge.Entry("fixed", FixedWindow.per(1_000, 5), 1);
  private static final Charge.Entry LOG = new Charge.Entry("log", new SlidingLog(5, 1_000), 1);

  private static void assertRefused(String message, Executable charge) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, charge).getMessage());
  }

  @Test
  void countDenied_isForFixedWindows() {
    assertRefused(
        "countDenied with a sliding-log in entries[1]; use fixed windows only",
        () -> new Charge.Counting(List.of(FIXED, LOG)));
  }

  @Test
  void aCounterTwice_isRefused_unlessDenialsAreCounted() {
    assertRefused(
        "entries name the counter log twice; add their costs up",
        () -> new Charge.Whole(List.of(LOG, FIXED, LOG)));
    assertEquals(2, new Charge.Counting(List.of(FIXED, FIXED)).entries().size());
  }

  @Test
  void aCandidate_standsBehindAnEntry() {
    Charge.Entry log = new Charge.Entry(Role.CANDIDATE, LOG.key(), LOG.limit(), LOG.cost());
    Charge.Entry fixed = new Charge.Entry(Role.CANDIDATE, "f", FIXED.limit(), FIXED.cost());
    String message = "entries[0] is candidate; put it behind the entry that it goes with";
    assertRefused(message, () -> new Charge.Whole(List.of(log, FIXED)));
    assertRefused(message, () -> new Charge.Counting(List.of(fixed, FIXED)));
  }

  @Test
  void whatIsJoined_standsBehindAnEntry() {
    Charge.Entry joined = new Charge.Entry(Role.JOINED, FIXED.key(), FIXED.limit(), FIXED.cost());
    assertRefused(
        "entries[0] is joined; put it behind the entry that it goes with",
        () -> new Charge.Whole(List.of(joined, LOG)));
  }

  @Test
  void anEntry_isDecidedLocallyWhileRedisIsAway_unlessItSaysOtherwise() {
    assertEquals(FailureMode.LOCAL, FIXED.onFailure());
  }
}
