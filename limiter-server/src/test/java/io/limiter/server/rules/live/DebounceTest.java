package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.live.Debounce.Call;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DebounceTest {
  private final Debounce debounce = new Debounce();

  private static Listing listing(String file) {
    return new Listing(List.of(file), Set.of());
  }

  private Call seen(String file) {
    return debounce.seen(listing(file));
  }

  private void readOnce(String file) {
    assertEquals(Call.POLL_AGAIN, seen(file));
    assertEquals(Call.READ, seen(file));
    assertTrue(debounce.isStable(listing(file)));
    debounce.done();
  }

  @Test
  void aNewListing_isReadWhenTwoPollsInARowShowIt_andOnce() {
    readOnce("a");
    assertEquals(Call.UNCHANGED, seen("a"));
    readOnce("b");
    assertEquals(Call.UNCHANGED, seen("b"));
  }

  @Test
  void aListingThatChangesAtEachPoll_isNotRead() {
    readOnce("a");
    assertEquals(Call.POLL_AGAIN, seen("b"));
    assertEquals(Call.POLL_AGAIN, seen("c"));
    assertEquals(Call.POLL_AGAIN, seen("b"));
    assertEquals(Call.READ, seen("b"));
  }

  @Test
  void aChangeThatIsTakenBack_isNone() {
    readOnce("a");
    assertEquals(Call.POLL_AGAIN, seen("b"));
    assertEquals(Call.UNCHANGED, seen("a"));
    assertEquals(Call.POLL_AGAIN, seen("b"), "it has to stand still anew");
  }

  @Test
  void whatChangedWhileItWasRead_hasToStandStillAnew() {
    seen("a");
    assertEquals(Call.READ, seen("a"));
    assertFalse(debounce.isStable(listing("b")));
    assertEquals(Call.POLL_AGAIN, seen("c"));
    assertEquals(Call.READ, seen("c"));
  }

  @Test
  void whatCouldNotBeRead_isReadAtEachPoll() {
    seen("a");
    for (int i = 0; i < 3; i++) {
      assertEquals(Call.READ, seen("a"));
      assertTrue(debounce.isStable(listing("a")));
      debounce.retry();
    }
    debounce.done();
    assertEquals(Call.UNCHANGED, seen("a"));
  }

  @Test
  void whatWasThereBeforeSomethingUnreadable_isReadAgainWhenItIsBack() {
    readOnce("a");
    seen("gone");
    assertEquals(Call.READ, seen("gone"));
    assertTrue(debounce.isStable(listing("gone")));
    debounce.retry();
    readOnce("a");
  }

  @Test
  void aListingThatNeverStandsStill_isComplainedOf() {
    for (int i = 1; i < Debounce.RESTLESS; i++) {
      assertEquals(Call.POLL_AGAIN, seen("version " + i));
    }
    assertEquals(Call.COMPLAIN, seen("the last"));
    assertEquals(Call.READ, seen("the last"));
    assertEquals(Call.POLL_AGAIN, seen("another"), "counted from the start");
  }
}
