package io.limiter.server.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeyedSharesTest {
  private final KeyedShares<String> shares = new KeyedShares<>(4);

  @Test
  void oneAlone_getsHalf_andNothingIsKeptOfWhoHoldsNothing() {
    assertTrue(shares.take("a"));
    assertTrue(shares.take("a"));
    assertFalse(shares.take("a"));
    assertTrue(shares.take("b"));
    assertFalse(shares.take("c"));
    assertEquals(3, shares.taken());
    assertEquals(2, shares.holders(), "whoever was refused holds nothing");
    shares.giveBack("a");
    assertTrue(shares.take("c"));
    shares.giveBack("a");
    shares.giveBack("b");
    shares.giveBack("c");
    assertEquals(0, shares.taken());
    assertEquals(0, shares.holders());
  }
}
