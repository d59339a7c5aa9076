package io.limiter.server.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Nobody holds more than is free. */
class FairShareTest {
  private static int takeAll(FairShare.Holder holder) {
    int taken = 0;
    while (holder.take(1)) {
      taken++;
    }
    return taken;
  }

  @Test
  void oneAlone_getsHalf_andSomethingIsLeftForEachThatComes() {
    FairShare share = new FairShare(1_000);
    assertEquals(500, takeAll(share.holder()));
    assertEquals(250, takeAll(share.holder()));
    assertEquals(125, takeAll(share.holder()));
    assertTrue(share.holder().take(1));
  }

  @Test
  void whatIsRefused_isNotTaken_andWhatIsGivenBack_isFree() {
    FairShare share = new FairShare(100);
    FairShare.Holder holder = share.holder();
    assertTrue(holder.take(40));
    assertFalse(holder.take(11));
    assertEquals(40, holder.held());
    holder.giveBack(30);
    assertTrue(holder.take(40));
    holder.giveBackAll();
    assertEquals(0, share.taken());
    assertEquals(0, holder.held());
  }

  @Test
  void whatIsOnlyCounted_isNeverRefused_andLeavesLessToOthers() {
    FairShare share = new FairShare(100);
    share.holder().takeAnyway(90);
    FairShare.Holder other = share.holder();
    assertTrue(other.take(5));
    assertFalse(other.take(1));
  }
}
