package io.limiter.client.decorate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Opens after failures in a row, probes singly, doubles, and closes by a success. */
final class BreakerTest {
  private final Breaker breaker = new Breaker(3, 10, 35);

  private void fail(int times, long now) {
    for (int i = 0; i < times; i++) {
      breaker.failed(breaker.pass(), now);
    }
  }

  @Test
  void failuresInARow_openIt_andASuccessBetweenStartsAnew() {
    fail(2, 0);
    breaker.succeeded(breaker.pass());
    fail(2, 0);
    assertEquals(0, breaker.waitNanos(0));
    fail(1, 0);
    assertEquals(10, breaker.waitNanos(0));
    assertEquals(4, breaker.openNanos(6));
  }

  @Test
  void probes_goSingly_andEachFailureDoublesUpToABound() {
    fail(3, 0);
    long now = 10;
    for (long next : new long[] {20, 35, 35}) {
      assertEquals(0, breaker.waitNanos(now));
      assertTrue(breaker.pass());
      assertTrue(breaker.waitNanos(now) > 0);
      assertEquals(0, breaker.openNanos(now));
      breaker.failed(true, now);
      assertEquals(next, breaker.waitNanos(now));
      now += next;
    }
    assertTrue(breaker.pass());
    breaker.succeeded(true);
    assertEquals(0, breaker.waitNanos(now));
    assertFalse(breaker.pass());
    fail(2, now);
    assertEquals(0, breaker.waitNanos(now));
  }

  @Test
  void whatWasBegunBefore_saysNothing_andAProbeThatWasNotSentIsTriedAgain() {
    fail(3, 0);
    breaker.succeeded(false);
    breaker.failed(false, 5);
    assertEquals(10, breaker.waitNanos(0));
    assertTrue(breaker.pass());
    breaker.unsent();
    assertEquals(0, breaker.waitNanos(10));
    assertTrue(breaker.pass());
  }

  @Test
  void ofZeroFailures_itNeverOpens() {
    Breaker never = new Breaker(0, 10, 10);
    for (int i = 0; i < 100; i++) {
      never.failed(never.pass(), i);
    }
    assertEquals(0, never.waitNanos(0));
  }
}
