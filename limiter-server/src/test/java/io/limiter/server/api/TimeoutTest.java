package io.limiter.server.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeoutTest {
  /** Envoy names 20 ms by itself, and is answered within 15. */
  @ParameterizedTest
  @CsvSource({"20, 15", "8, 6", "1000, 995", "0, 0", "-5, 0"})
  void aCaller_isAnsweredBeforeItsDeadline(long remainingMillis, long waitMillis) {
    assertEquals(
        TimeUnit.MILLISECONDS.toNanos(waitMillis),
        Timeout.waitNanos(TimeUnit.MILLISECONDS.toNanos(remainingMillis)));
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
    assertEquals(nanos, Timeout.nanos(header));
  }

  @Test
  void anEmptyTimeout_isForGrpcToRefuse() {
    assertEquals(Long.MAX_VALUE, Timeout.nanos(""));
  }
}
