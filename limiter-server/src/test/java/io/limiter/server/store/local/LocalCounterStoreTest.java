package io.limiter.server.store.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Charges;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.HoldContract;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalCounterStoreTest extends HoldContract {
  private static final long HOUR_MICROS = 3_600_000_000L;

  private final LocalCounterStore store = LocalCounters.now();
  private long nowMicros = 1_766_666_400_000_000L;
  private final LocalCounterStore timed = new LocalCounterStore(() -> nowMicros);

  @Override
  protected CounterStore store() {
    return store;
  }

  @Test
  void answer_isKeptForAMinute() {
    Charge charge =
        Charges.of(
            List.of(new Charge.Entry("k", FixedWindow.per(HOUR_MICROS, 5), 1)),
            List.of(),
            /* wantReceipt= */ false,
            new Charge.Idempotency("i", "f"));
    assertFalse(ask(charge).replayed());
    nowMicros += 59_999_999;
    assertTrue(ask(charge).replayed());
    nowMicros += 1;
    assertFalse(ask(charge).replayed());
  }

  @Test
  void counterWhoseWindowEnded_isNotThereToReset() {
    ask(
        Charges.of(
            List.of(new Charge.Entry("k", FixedWindow.per(HOUR_MICROS, 5), 1)),
            List.of(),
            /* wantReceipt= */ false,
            null));
    nowMicros += HOUR_MICROS;
    assertEquals(0, timed.reset(List.of("k")).toCompletableFuture().join());
  }

  private Answer.Decided ask(Charge charge) {
    return assertInstanceOf(
        Answer.Decided.class, timed.decide(charge).toCompletableFuture().join());
  }
}
