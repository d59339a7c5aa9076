package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.rules.live.Settling.Call;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SettlingTest {
  private final Settling settling = new Settling();

  private static Listing listing(String face) {
    return new Listing(List.of(face), Set.of());
  }

  private Call seen(String face) {
    return settling.seen(listing(face));
  }

  private void readOnce(String face) {
    assertEquals(Call.LOOK_AGAIN, seen(face));
    assertEquals(Call.READ, seen(face));
    assertTrue(settling.stoodStill(listing(face)));
    settling.done();
  }

  @Test
  void aNewListing_isReadWhenTwoLooksInARowShowIt_andOnce() {
    readOnce("a");
    assertEquals(Call.REST, seen("a"));
    readOnce("b");
    assertEquals(Call.REST, seen("b"));
  }

  @Test
  void aListingThatChangesAtEachLook_isNotRead() {
    readOnce("a");
    assertEquals(Call.LOOK_AGAIN, seen("b"));
    assertEquals(Call.LOOK_AGAIN, seen("c"));
    assertEquals(Call.LOOK_AGAIN, seen("b"));
    assertEquals(Call.READ, seen("b"));
  }

  @Test
  void aChangeThatIsTakenBack_isNone() {
    readOnce("a");
    assertEquals(Call.LOOK_AGAIN, seen("b"));
    assertEquals(Call.REST, seen("a"));
    assertEquals(Call.LOOK_AGAIN, seen("b"), "it has to stand still anew");
  }

  @Test
  void whatChangedWhileItWasRead_hasToStandStillAnew() {
    seen("a");
    assertEquals(Call.READ, seen("a"));
    assertFalse(settling.stoodStill(listing("b")));
    assertEquals(Call.LOOK_AGAIN, seen("c"));
    assertEquals(Call.READ, seen("c"));
  }

  @Test
  void whatCouldNotBeRead_isReadAtEachLook() {
    seen("a");
    for (int i = 0; i < 3; i++) {
      assertEquals(Call.READ, seen("a"));
      assertTrue(settling.stoodStill(listing("a")));
      settling.undone();
    }
    settling.done();
    assertEquals(Call.REST, seen("a"));
  }

  @Test
  void whatWasThereBeforeSomethingUnreadable_isReadAgainWhenItIsBack() {
    readOnce("a");
    seen("gone");
    assertEquals(Call.READ, seen("gone"));
    assertTrue(settling.stoodStill(listing("gone")));
    settling.undone();
    readOnce("a");
  }

  @Test
  void aListingThatNeverStandsStill_isComplainedOf() {
    for (int i = 1; i < Settling.RESTLESS; i++) {
      assertEquals(Call.LOOK_AGAIN, seen("version " + i));
    }
    assertEquals(Call.COMPLAIN, seen("the last"));
    assertEquals(Call.READ, seen("the last"));
    assertEquals(Call.LOOK_AGAIN, seen("another"), "counted from the start");
  }
}
