package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Clocks differ in speed by less than a thousandth, and nobody is early or over by it. */
class ClockDriftTest {
  @Test
  void aWaitByRedis_endsHereAThousandthSooner() {
    assertEquals(999_000, ClockDrift.atMostNanos(1_000));
    assertEquals(999, ClockDrift.atLeastMicros(1_000_000));
    assertEquals(0, ClockDrift.atLeastMicros(1_001));
    assertEquals(1, ClockDrift.atLeastMicros(1_002));
  }

  @Test
  void whatComesFreeInRedis_isTakenToBeAThousandthMore_roundedUp() {
    assertEquals(1_001, ClockDrift.atMostRedisNanos(1_000));
    assertEquals(2, ClockDrift.atMostRedisNanos(1));
    assertEquals(0, ClockDrift.atMostRedisNanos(0));
    assertEquals(Long.MAX_VALUE / 1_000 + 1, ClockDrift.atMostRedisNanos(Long.MAX_VALUE));
  }
}
