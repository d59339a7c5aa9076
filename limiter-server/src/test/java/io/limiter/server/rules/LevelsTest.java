package io.limiter.server.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LevelsTest {
  private static Levels levels(long whole) {
    return new Levels(
        whole, Map.of("default", 8_000, "batch", 3_333), 8_000, List.of(5_000, 9_500));
  }

  @Test
  void whatAPriorityMayFill_isRoundedDown_alsoOfTheLargestLimit() {
    assertEquals(80, levels(100).most(""));
    assertEquals(80, levels(100).most("unheard of"));
    assertEquals(33, levels(100).most("batch"));
    assertEquals(0, levels(2).most("batch"));
    assertEquals(3_602_879_701_896_396L, levels(1L << 52).most(""));
  }

  @Test
  void aSoftLimit_isReachedByWhatFillsIt_andCrossedOnce() {
    assertEquals(new Levels.Level(0, false, false), levels(100).at(49, 1));
    assertEquals(new Levels.Level(5_000, true, false), levels(100).at(50, 1));
    assertEquals(new Levels.Level(5_000, false, false), levels(100).at(51, 1));
    assertEquals(new Levels.Level(5_000, false, false), levels(100).at(50, 0), "a look");
    assertEquals(new Levels.Level(9_500, true, true), levels(100).at(99, 60), "both at once");
    assertEquals(new Levels.Level(9_500, true, true), levels(1).at(1, 1), "rounded up");
    assertEquals(new Levels.Level(0, false, false), levels(1).at(0, 0));
  }

  @Test
  void degrading_beginsAboveItsShare() {
    assertEquals(false, levels(100).at(80, 1).degrade());
    assertEquals(true, levels(100).at(81, 1).degrade());
  }
}
