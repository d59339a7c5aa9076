package io.limiter.server.rules.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class TextTableTest {
  /** Latin-1, beyond it, and pairs that {@link String#hashCode} cannot tell apart. */
  private static final List<String> PIECES =
      List.of("Aa", "BB", "AaBB", "BBAa", "a", "b", "c", "\u00e9", "\u20ac", "\ud83d\ude00", "\0");

  private static Map<String, Long> numbered(Iterable<String> texts) {
    Map<String, Long> numbers = new HashMap<>();
    texts.forEach(text -> numbers.put(text, (long) numbers.size()));
    return numbers;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int pieces = random.nextInt(5); pieces > 0; pieces--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private interface Search {
    boolean any(Map<String, Long> numbers, String value, LongPredicate wanted);
  }

  private interface TableSearch {
    boolean any(TextTable table, String value, LongPredicate wanted);
  }

  private static Search in(TableSearch search) {
    return (numbers, value, wanted) -> search.any(new TextTable(numbers), value, wanted);
  }

  private static void assertFinds(
      Map<String, Long> numbers, String value, Predicate<String> expected, Search search) {
    TreeSet<Long> wanted = new TreeSet<>();
    numbers.forEach(
        (text, number) -> {
          if (expected.test(text)) {
            wanted.add(number);
          }
        });
    TreeSet<Long> found = new TreeSet<>();
    boolean stopped =
        search.any(
            numbers,
            value,
            number -> {
              found.add(number);
              return false;
            });
    assertFalse(stopped);
    assertEquals(wanted, found, () -> value + " among " + numbers);
  }

  @Test
  void searches_findWhatAScanFinds() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      List<String> texts = new ArrayList<>();
      for (int count = random.nextInt(40); count > 0; count--) {
        texts.add(text(random));
      }
      Map<String, Long> numbers = numbered(texts);
      String value = random.nextBoolean() || texts.isEmpty() ? text(random) : texts.get(0);
      assertFinds(numbers, value, value::equals, in(TextTable::any));
      assertFinds(numbers, value, value::startsWith, in(TextTable::anyStart));
      assertFinds(numbers, value, value::endsWith, in(TextTable::anyEnd));
      Map<String, Long> some = new HashMap<>(numbers);
      some.remove("");
      assertFinds(some, value, value::contains, (n, v, w) -> new ContainedTexts(n).any(v, w));
    }
  }

  @Test
  void manyTexts_areAllFound_andNoOther() {
    Map<String, Long> numbers = new HashMap<>();
    for (long i = 0; i < 20_000; i++) {
      numbers.put("user-%05d".formatted(i), i);
    }
    TextTable table = new TextTable(numbers);
    numbers.forEach((text, number) -> assertTrue(table.any(text, found -> found == number), text));
    for (int i = 20_000; i < 100_000; i++) {
      assertFalse(table.any("user-" + i, found -> true));
    }
  }

  /** As hashes can be made to collide, the text itself decides. */
  @Test
  void textsOfOneHash_areToldApart() {
    List<String> texts = new ArrayList<>(List.of(""));
    for (int pair = 0; pair < 14; pair++) {
      texts = texts.stream().flatMap(text -> List.of(text + "Aa", text + "BB").stream()).toList();
    }
    Map<String, Long> numbers = numbered(texts);
    assertEquals(1, texts.stream().map(String::hashCode).distinct().count());
    TextTable table = new TextTable(numbers);
    numbers.forEach((text, number) -> assertTrue(table.any(text, found -> found == number), text));
  }

  @Test
  void textsWithin_areShownOnceEach_andAtMostUntilTheFirstYes() {
    Map<String, Long> nested = new HashMap<>();
    for (long i = 1; i <= 500; i++) {
      nested.put("a".repeat((int) i), i);
    }
    ContainedTexts texts = new ContainedTexts(nested);
    List<Long> seen = new ArrayList<>();
    assertFalse(texts.any("a".repeat(4096), number -> !seen.add(number)));
    assertEquals(500, seen.size());
    seen.clear();
    assertTrue(texts.any("a".repeat(4096), number -> seen.add(number) && number == 3));
    assertEquals(List.of(1L, 2L, 3L), seen);
  }

  @Test
  void search_takesALookupForEachLength_notForEachText() {
    List<String> texts = new ArrayList<>(List.of("/service-"));
    for (int i = 0; i < 10_000; i++) {
      texts.add("/service-%05d/".formatted(i));
    }
    assertEquals(2, new TextTable(numbered(texts)).mostLookups());
  }

  @Test
  void search_stopsAtTheFirstYes() {
    TextTable table = new TextTable(Map.of("", 0L, "a", 1L, "ab", 2L));
    List<Long> seen = new ArrayList<>();
    assertTrue(table.anyStart("abc", number -> seen.add(number) && number == 1));
    assertEquals(List.of(0L, 1L), seen);
  }
}
