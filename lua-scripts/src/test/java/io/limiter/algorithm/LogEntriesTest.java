package io.limiter.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** A log is a value, although values share their space. */
class LogEntriesTest {

  private static LogEntries of(int count) {
    LogEntries entries = LogEntries.of(0, 10, 1);
    for (int i = 2; i <= count; i++) {
      entries = entries.append(10L * i, 1);
    }
    return entries;
  }

  @Test
  void append_changesNoOlderValue() {
    LogEntries three = of(3);
    LogEntries left = three.append(40, 7);
    LogEntries right = three.append(50, 9);
    LogEntries onLeft = left.append(60, 1);
    assertEquals("[0, 10:1, 20:2, 30:3]", three.toString());
    assertEquals("[0, 10:1, 20:2, 30:3, 40:10]", left.toString());
    assertEquals("[0, 10:1, 20:2, 30:3, 50:12]", right.toString());
    assertEquals("[0, 10:1, 20:2, 30:3, 40:10, 60:11]", onLeft.toString());
  }

  @Test
  void sameMoment_sharesAnEntry() {
    LogEntries three = of(3);
    assertEquals("[0, 10:1, 20:2, 30:8]", three.append(30, 5).toString());
    assertEquals("[0, 10:1, 20:2, 30:3]", three.toString());
  }

  @Test
  void totals_startAgainBeforeTheyPassTheBound() {
    long most = Bounds.MAX_PRODUCT;
    LogEntries entries = LogEntries.of(0, 10, most - 5).append(20, 5).dropFirst(1);
    assertEquals("[%d, 20:%d]".formatted(most - 5, most), entries.toString());
    assertEquals("[0, 20:5, 30:12]", entries.append(30, 7).toString());
  }

  @Test
  void cutAtTotal_leavesTheOldest_andNoMoreThanTheTotal() {
    LogEntries entries = LogEntries.of(0, 10, 4).append(20, 6).append(30, 1);
    assertEquals("[0, 10:4, 20:10]", entries.cutAtTotal(10).toString());
    assertEquals("[0, 10:4, 20:7]", entries.cutAtTotal(7).toString());
    assertEquals("[0, 10:4]", entries.cutAtTotal(4).toString());
    assertEquals("[0, 10:4, 20:7, 40:12]", entries.cutAtTotal(7).append(40, 5).toString());
    assertEquals("[0, 10:4, 20:10, 30:11]", entries.toString());
  }

  @Test
  void giveBack_takesFromItsMomentAlone_andNoMoreThanWasCharged() {
    LogEntries entries = LogEntries.of(0, 10, 4).append(20, 6).append(30, 1);
    assertEquals("[0, 10:4, 20:7, 30:8]", entries.giveBack(20, 3).toString());
    assertEquals("[0, 10:4, 30:5]", entries.giveBack(20, 60).toString());
    assertEquals("[0, 10:4, 20:10]", entries.giveBack(30, 1).toString());
    assertSame(entries, entries.giveBack(25, 1));
    assertSame(entries, entries.giveBack(5, 1));
  }
}
