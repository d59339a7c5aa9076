package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ConnectivityState;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers whose deadlines pass mean no harm. */
class GivenUpCallsTest {
  private static final int CALLS = 5_000;

  /** A proxy has many callers on one connection. All would lose what they have under way. */
  @Test
  @Timeout(120)
  void aConnectionWhoseCallersGiveUp_isNotCut() throws Exception {
    HeldStore store = new HeldStore();
    try (Service service = Service.over(store, Rules.yearly(100))) {
      RateLimiterGrpc.RateLimiterFutureStub ask = RateLimiterGrpc.newFutureStub(service.channel);
      ListenableFuture<CheckAndConsumeResponse> patient =
          ask.checkAndConsume(Messages.question("patient"));
      HeldStore.Question held = store.next();
      AtomicInteger cuts = new AtomicInteger();
      assertEquals(ConnectivityState.READY, service.channel.getState(false));
      service.channel.notifyWhenStateChanged(ConnectivityState.READY, cuts::incrementAndGet);
      for (int i = 0; i < CALLS; i++) {
        ListenableFuture<CheckAndConsumeResponse> hasty =
            ask.checkAndConsume(Messages.question("hasty"));
        var unused = store.next();
        assertTrue(hasty.cancel(true));
      }
      held.answer();
      assertTrue(patient.get().getAllowed());
      assertEquals(0, cuts.get());
    }
  }
}
