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
    counters.take(List.of(new Charge.Entry(key, FixedWindow.per(1_000_000, 10), 1)));
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
}
