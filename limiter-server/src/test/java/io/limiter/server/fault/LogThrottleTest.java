package io.limiter.server.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogThrottleTest {
  private long nanos = Long.MAX_VALUE - 3;

  @Test
  void oneLineAPeriod_knowsHowManyWereDropped_alsoWhereTheClockOverflows() {
    LogThrottle throttle = new LogThrottle(Duration.ofNanos(10), () -> nanos);
    List<Long> lines = new ArrayList<>();
    throttle.log(lines::add);
    throttle.log(lines::add);
    nanos += 9;
    throttle.log(lines::add);
    nanos += 1;
    throttle.log(lines::add);
    nanos += 100;
    throttle.log(lines::add);
    assertEquals(List.of(0L, 2L, 0L), lines);
  }
}
