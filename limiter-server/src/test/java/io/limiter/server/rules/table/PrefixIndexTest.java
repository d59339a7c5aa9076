package io.limiter.server.rules.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {

  private static @Nullable Integer scan(Map<String, Integer> given, String text) {
    for (Map.Entry<String, Integer> entry : given.entrySet()) {
      if (text.startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    return null;
  }

  private static String text(Random random, int most) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(most + 1); length > 0; length--) {
      text.append("ab\uFFFF".charAt(random.nextInt(3)));
    }
    return text.toString();
  }

  @Test
  void itFinds_whatAScanFindsFirst() {
    long seed = 815;
    Random random = new Random(seed);
    int found = 0;
    for (int round = 0; round < 2_000; round++) {
      Map<String, Integer> given = new LinkedHashMap<>();
      for (int count = random.nextInt(20); count > 0; count--) {
        given.putIfAbsent(text(random, 5), count);
      }
      PrefixIndex<Integer> index = new PrefixIndex<>(given);
      for (int i = 0; i < 50; i++) {
        String text = text(random, 8);
        Integer expected = scan(given, text);
        found += expected == null ? 0 : 1;
        assertEquals(
            expected, index.first(text), () -> "seed " + seed + ": " + text + " among " + given);
      }
    }
    assertTrue(found > 10_000, "found " + found);
  }

  @Test
  void nothingGiven_nothingFound() {
    assertNull(new PrefixIndex<Integer>(Map.of()).first("a"));
  }

  @Test
  void theEmptyText_beginsEverything() {
    Map<String, Integer> given = new LinkedHashMap<>();
    given.put("b", 1);
    given.put("", 2);
    PrefixIndex<Integer> index = new PrefixIndex<>(given);
    assertEquals(1, index.first("bc"));
    assertEquals(2, index.first("a"));
    assertEquals(2, index.first(""));
  }
}
