package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);
  private final Breaker breaker = new Breaker("redis://h:1", nanos::get);

  private void miss(int times) {
    for (int i = 0; i < times; i++) {
      breaker.missed();
    }
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** Three in a row, the last 50 ms after the first. */
  private void open() {
    miss(2);
    pass(50);
    miss(1);
  }

  @Test
  void threeInARow_openIt_andOneAnswerClosesIt() {
    miss(2);
    pass(50);
    breaker.answered();
    miss(2);
    pass(50);
    assertTrue(breaker.lets());
    miss(1);
    assertFalse(breaker.lets());
    assertEquals(StoreException.Kind.TIMEOUT, breaker.refusal().kind());
    breaker.answered();
    assertTrue(breaker.lets());
    miss(2);
    assertTrue(breaker.lets());
  }

  /** A caller that waits for a millisecond does not speak for the others. */
  @Test
  void callersThatHardlyWait_doNotOpenIt_whileRedisAnswers() {
    for (int milli = 0; milli < 1_000; milli++) {
      miss(10);
      assertTrue(breaker.lets());
      if (milli % 40 == 0) {
        breaker.answered();
      }
      pass(1);
    }
  }

  @Test
  void anOpenOne_letsSingleProbesThrough_everMoreSeldom() {
    open();
    List<Integer> probes = new ArrayList<>();
    for (int milli = 0; milli < 5_000; milli++) {
      int let = 0;
      for (int i = 0; i < 4; i++) {
        let += breaker.lets() ? 1 : 0;
      }
      assertTrue(let <= 1, "single probes");
      if (let == 1) {
        probes.add(milli);
        breaker.missed();
      }
      pass(1);
    }
    assertEquals(List.of(50, 150, 350, 750, 1_550, 2_550, 3_550, 4_550), probes);
  }

  @Test
  void whatOpensAgain_isProbedSoonAgain() {
    open();
    pass(10_000);
    assertTrue(breaker.lets());
    breaker.answered();
    open();
    pass(49);
    assertFalse(breaker.lets());
    pass(1);
    assertTrue(breaker.lets());
  }
}
