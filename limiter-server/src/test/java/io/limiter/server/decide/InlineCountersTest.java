package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.algorithm.FixedWindow;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Nobody makes more counters by rules of their own than there may be. */
class InlineCountersTest {
  private final AtomicLong nanos = new AtomicLong();
  private final InlineCounters counters = new InlineCounters(2, nanos::get);

  private void take(String key) {
    counters.take(
        Request.Owner.NOBODY, List.of(new Charge.Entry(key, FixedWindow.per(1_000_000, 10), 1)));
  }

  @Test
  void moreThanThereMayBe_areRefusedAsOverload_andKnownOnesAreNot() {
    take("a");
    take("b");
    StoreException refused = assertThrows(StoreException.class, () -> take("c"));
    assertEquals(StoreException.Kind.OVERLOADED, refused.kind());
    take("a");
    assertEquals(2, counters.size());
  }

  @Test
  void whatHasEnded_makesRoom() {
    take("a");
    take("b");
    nanos.addAndGet(Duration.ofSeconds(3).toNanos());
    take("c");
    assertEquals(1, counters.size());
  }

  private void take(Request.Owner owner, String key, long micros) {
    counters.take(owner, List.of(new Charge.Entry(key, FixedWindow.per(micros, 10), 1)));
  }

  @Test
  void aCallerWithABoundOfItsOwn_leavesRoomToOthers() {
    Request.Owner one = new Request.Owner("one", 1);
    take(one, "a", 1_000_000);
    StoreException refused = assertThrows(StoreException.class, () -> take(one, "b", 1_000_000));
    assertEquals(
        "rules that caller one brought have 1 counters through this instance, as many as it may"
            + " (inline-counters); use fewer or shorter windows, or have its bounds raised",
        refused.getMessage());
    assertEquals(1, counters.size());
    take(new Request.Owner("two", 1), "b", 1_000_000);
    take(one, "a", 1_000_000);
  }

  /** A question that is denied writes nothing: the counter lives as long as it was to before. */
  @Test
  void aShorterWindow_endsNoCounterEarlier() {
    take(Request.Owner.NOBODY, "a", 3_600_000_000L);
    take(Request.Owner.NOBODY, "b", 3_600_000_000L);
    take(Request.Owner.NOBODY, "a", 1_000);
    nanos.addAndGet(Duration.ofSeconds(3).toNanos());
    assertThrows(StoreException.class, () -> take("c"));
  }
}
