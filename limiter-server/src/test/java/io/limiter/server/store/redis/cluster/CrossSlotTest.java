package io.limiter.server.store.redis.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When one call may touch several slots of a primary. */
class CrossSlotTest {
  private static final String REFUSAL =
      "ERR Script attempted to access a non local key in a cluster node";

  private final long second = 1_000_000_000;
  private long now = 5;
  private int asked;
  private OptionalInt elsewhere = OptionalInt.of(7);
  private CompletableFuture<String> said = new CompletableFuture<>();

  private final CrossSlot crossSlot =
      new CrossSlot(
          "a:1",
          () -> elsewhere,
          slot -> {
            assertEquals(7, slot);
            asked++;
            return said;
          },
          () -> now);

  @Test
  void notUntilItHasRefusedAKeyOfAnother() {
    assertFalse(crossSlot.isPossible());
    assertFalse(crossSlot.isPossible());
    assertEquals(1, asked);
    said.complete(REFUSAL);
    assertTrue(crossSlot.isPossible());
  }

  /** It only looks like a Redis, or takes declared keys only, or did not answer. */
  @Test
  void notWhereItRefusesNothing_norRefusesTheCall_butItIsAskedAgain() {
    said.complete("");
    assertFalse(crossSlot.isPossible());
    said = CompletableFuture.failedFuture(new IllegalStateException("ERR number of keys is zero"));
    now += second;
    assertFalse(crossSlot.isPossible());
    assertFalse(crossSlot.isPossible());
    said = CompletableFuture.failedFuture(new IllegalStateException());
    now += second;
    assertFalse(crossSlot.isPossible());
    assertEquals(3, asked);
    said = CompletableFuture.completedFuture("@user_script: 1: Lua s" + REFUSAL.substring(5));
    now += second;
    assertTrue(crossSlot.isPossible());
    assertEquals(4, asked);
  }

  @Test
  void notWhereNobodyElseHoldsASlot() {
    elsewhere = OptionalInt.empty();
    assertFalse(crossSlot.isPossible());
    assertEquals(0, asked);
  }

  @Test
  void notForAMoment_afterACallThatWasMostlyRefused() {
    said.complete(REFUSAL);
    crossSlot.isPossible();
    crossSlot.answered(10, 5);
    assertTrue(crossSlot.isPossible());
    crossSlot.answered(10, 6);
    assertFalse(crossSlot.isPossible());
    now += second;
    assertTrue(crossSlot.isPossible());
    assertEquals(1, asked);
  }
}
