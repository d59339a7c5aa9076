package io.limiter.server.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeededHashTest {
  private static final int COUNT = 1 << 14;

  @Test
  void textsOfOneHash_haveHashesOfTheirOwn() {
    List<String> texts = CollidingTexts.of(COUNT);
    assertEquals(1, texts.stream().map(String::hashCode).distinct().count());
    assertEquals(COUNT, texts.stream().distinct().count());
    // Of so many random hashes of 32 bits 0.03 pairs are equal.
    assertTrue(texts.stream().map(SeededHash::of).distinct().count() > COUNT - 5);
  }

  @Test
  void textsOfOneHash_spreadOverSlots() {
    Map<Integer, Integer> slots = new HashMap<>();
    CollidingTexts.of(COUNT)
        .forEach(text -> slots.merge(SeededHash.of(text) & (COUNT - 1), 1, Integer::sum));
    assertTrue(slots.values().stream().allMatch(count -> count < 20), slots::toString);
  }

  @Test
  void equalTexts_haveEqualHashes_andLengthCounts() {
    String zeros = "\0\0\0\0\0\0\0\0\0";
    for (int length = 0; length <= zeros.length(); length++) {
      String text = zeros.substring(0, length);
      assertEquals(SeededHash.of(text), SeededHash.of(new String(text.toCharArray())));
      assertNotEquals(SeededHash.of(text), SeededHash.of(text + '\0'));
    }
  }
}
