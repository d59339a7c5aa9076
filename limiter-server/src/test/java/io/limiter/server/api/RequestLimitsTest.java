package io.limiter.server.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RequestLimitsTest {
  @Test
  void limitBelowItsLeast_isRefusedByName() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new RequestLimits(
                    64, 16, 16, 1000, 1 << 20, 0, RequestLimits.DEFAULTS.inlineWindow()));
    assertEquals("streamInFlight 0 is out of range; use 1 or more", refused.getMessage());
  }
}
