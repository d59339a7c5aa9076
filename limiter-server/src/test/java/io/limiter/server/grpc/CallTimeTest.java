package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.limiter.server.api.RateLimiterApi;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallTimeTest {
  /** Envoy names 20 ms by itself, and is answered within 15. */
  @ParameterizedTest
  @CsvSource({"20, 15", "8, 6", "1000, 995", "0, 0", "-5, 0"})
  void aCaller_isAnsweredBeforeItsDeadline(long remainingMillis, long waitMillis) {
    assertEquals(
        TimeUnit.MILLISECONDS.toNanos(waitMillis),
        CallTime.waitNanos(TimeUnit.MILLISECONDS.toNanos(remainingMillis)));
  }

  @ParameterizedTest
  @CsvSource({
    "50m, 50000000",
    "99999999n, 99999999",
    "7u, 7000",
    "3S, 3000000000",
    "2M, 120000000000",
    "1H, 3600000000000",
    "99999999H, 9223372036854775807",
    "100000000n, 9223372036854775807",
    "m, 9223372036854775807",
    "-1m, 9223372036854775807",
    "50, 9223372036854775807",
    "50ms, 9223372036854775807"
  })
  void aTimeout_isReadAsGrpcWritesIt_andAnythingElseIsForGrpcToRefuse(String header, long nanos) {
    assertEquals(nanos, CallTime.timeoutNanos(header));
  }

  @Test
  void anEmptyTimeout_isForGrpcToRefuse() {
    assertEquals(Long.MAX_VALUE, CallTime.timeoutNanos(""));
  }

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
