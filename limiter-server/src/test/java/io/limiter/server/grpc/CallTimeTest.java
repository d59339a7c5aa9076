package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.limiter.server.api.RateLimiterApi;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallTimeTest {
  @Test
  void aCallWithoutDeadline_saysNothing() {
    assertEquals(RateLimiterApi.ANY_WAIT, CallTime.waitNanos());
  }

  @Test
  void theDeadline_isThatOfTheCall() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (Context.CancellableContext call =
        Context.current().withDeadlineAfter(1, TimeUnit.HOURS, timer)) {
      long wait = call.call(CallTime::waitNanos);
      assertTrue(wait > 0 && wait <= TimeUnit.HOURS.toNanos(1) - 5_000_000, wait + " ns");
    } finally {
      timer.shutdownNow();
    }
  }
}
