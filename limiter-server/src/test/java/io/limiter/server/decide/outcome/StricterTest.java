package io.limiter.server.decide.outcome;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Held;
import org.junit.jupiter.api.Test;

/** What holds to two counters is told, whichever is asked first. */
class StricterTest {
  private static void both(Outcome expected, Outcome one, Outcome other) {
    assertEquals(expected, Stricter.of(one, other));
    assertEquals(expected, Stricter.of(other, one));
  }

  @Test
  void ofTwoOutcomes_theStricterIsTold() {
    Outcome admitted = new Outcome.Admitted(5, 10, 2);
    both(new Outcome.Admitted(3, 10, 4), admitted, new Outcome.Admitted(3, 8, 4));
    both(new Outcome.Denied(1, 10, 7), admitted, new Outcome.Denied(1, 9, 7));
    both(new Outcome.Denied(0, 9, 8), new Outcome.Denied(0, 9, 7), new Outcome.Denied(1, 3, 8));
    both(new Outcome.Never(2, 10), admitted, new Outcome.Never(2, 4));
    both(new Outcome.Never(0, 9), new Outcome.Denied(0, 9, 7), new Outcome.Never(2, 4));
  }

  @Test
  void theHoldThatIsToldOf_isTheFirstCounters() {
    assertEquals(new Held(5, 2, 7, 11), Stricter.of(new Held(3, 2, 7, 11), new Held(5, 1, 9, 13)));
  }
}
