package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Role;
import io.limiter.algorithm.SlidingLog;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What no store can answer is refused with what to do instead. */
class ChargeTest {
  private static final Charge.Entry FIXED = new Charge.Entry("fixed", FixedWindow.per(1_000, 5), 1);
  private static final Charge.Entry LOG = new Charge.Entry("log", new SlidingLog(5, 1_000), 1);

  private static void assertRefused(
      String message,
      List<Charge.Entry> entries,
      boolean countDenied,
      boolean wantReceipt,
      Charge.@Nullable Idempotency idempotency) {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Charge(entries, countDenied, wantReceipt, idempotency));
    assertEquals(message, refused.getMessage());
  }

  @Test
  void countDenied_isForFixedWindows() {
    assertRefused(
        "countDenied with a sliding-log in entries[1]; use fixed windows only",
        List.of(FIXED, LOG),
        true,
        false,
        null);
  }

  @Test
  void countDenied_isWithoutReceiptAndIdempotency() {
    assertRefused(
        "countDenied with wantReceipt; give back with a cost below 0 instead",
        List.of(FIXED),
        true,
        true,
        null);
    assertRefused(
        "countDenied with an idempotency key; leave one of them out",
        List.of(FIXED),
        true,
        false,
        new Charge.Idempotency("key", "print"));
  }

  @Test
  void aCounterTwice_isRefused_unlessDenialsAreCounted() {
    assertRefused(
        "entries name the counter log twice; add their costs up",
        List.of(LOG, FIXED, LOG),
        false,
        false,
        null);
    assertEquals(2, new Charge(List.of(FIXED, FIXED), true, false, null).entries().size());
  }

  @Test
  void aCandidate_standsBehindAnEntry() {
    Charge.Entry candidate = new Charge.Entry(Role.CANDIDATE, LOG.key(), LOG.limit(), LOG.cost());
    assertRefused(
        "entries[0] is a candidate; put it behind the entry that it stands in for",
        List.of(candidate, FIXED),
        false,
        false,
        null);
  }
}
