package io.limiter.server.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PrefixTableTest {
  private static List<String> found(PrefixTable<String> table, String text) {
    List<String> found = new ArrayList<>();
    table.any(
        text,
        prefix -> {
          found.add(prefix);
          return false;
        });
    return found;
  }

  private static SortedMap<String, String> texts(Random random, int count) {
    SortedMap<String, String> texts = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      String text = text(random);
      texts.put(text, text);
    }
    return texts;
  }

  private static String text(Random random) {
    return random
        .ints(random.nextInt(6), 'a', 'd')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @Test
  void search_findsExactlyThePrefixes_longestFirst() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      SortedMap<String, String> texts = texts(random, random.nextInt(30));
      PrefixTable<String> table = new PrefixTable<>(texts);
      String text = text(random);
      List<String> expected = new ArrayList<>(texts.keySet());
      expected.removeIf(prefix -> !text.startsWith(prefix));
      expected.sort((a, b) -> b.length() - a.length());
      assertEquals(expected, found(table, text), "seed " + seed + " text " + text);
    }
  }

  @Test
  void search_takesAStepForEachNestedText_notForEachText() {
    SortedMap<String, String> texts = new TreeMap<>();
    for (int i = 0; i < 10_000; i++) {
      texts.put("/service-%05d/".formatted(i), "");
    }
    texts.put("/service-", "");
    assertEquals(1, new PrefixTable<>(texts).longestChain());
  }

  @Test
  void search_stopsAtTheFirstYes() {
    SortedMap<String, String> texts = new TreeMap<>();
    for (String text : List.of("", "a", "ab")) {
      texts.put(text, text);
    }
    PrefixTable<String> table = new PrefixTable<>(texts);
    List<String> seen = new ArrayList<>();
    assertTrue(table.any("abc", prefix -> seen.add(prefix) && prefix.equals("a")));
    assertEquals(List.of("ab", "a"), seen);
    assertFalse(table.any("abc", prefix -> prefix.equals("b")));
  }
}
