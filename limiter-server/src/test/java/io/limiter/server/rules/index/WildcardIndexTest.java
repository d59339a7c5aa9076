package io.limiter.server.rules.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first of many wildcards, compared with trying one after the other. */
class WildcardIndexTest {
  private static final long SEED = Long.getLong("limiter.test.seed", 1);

  private static WildcardIndex index(List<String> wildcards) {
    Map<String, Integer> places = new LinkedHashMap<>();
    for (int i = 0; i < wildcards.size(); i++) {
      places.putIfAbsent(wildcards.get(i), i);
    }
    return new WildcardIndex(places);
  }

  @ParameterizedTest
  @CsvSource({
    "path_/api/*/pay, path_/api/7/pay, true",
    "path_/api/*/pay, path_/api//pay, true",
    "path_/api/*/pay, path_/api/pay, false",
    "path_/api/*/pay, path_/api/7/payment, false",
    "file_*.pdf, file_.pdf, true",
    "file_*.pdf, file_a.pdf.pdf, true",
    "file_*.pdf, file_a.pdfx, false",
    "k_a*b*, k_ab, true",
    "k_a*b*, k_a, false",
    "k_x**, k_x, true",
    "k_x**y, k_xy, true",
    "k_a*a, k_a, false",
    "k_*?*, k_a?b, true",
    "k_*?*, k_ab, false",
    "k_*\\*, k_a\\b, true",
    "*, '', true"
  })
  void aStar_standsForAnyRunOfCharacters_andNothingElseIsSpecial(
      String wildcard, String text, boolean matches) {
    assertEquals(matches ? 0 : 1, index(List.of(wildcard)).first(text, 1));
  }

  @Test
  void theFirstInOrder_isFound_amongAnyNumber() {
    Random random = new Random(SEED);
    for (int round = 0; round < 300; round++) {
      List<String> wildcards = new ArrayList<>();
      int count = 1 + random.nextInt(40);
      while (wildcards.size() < count) {
        wildcards.add(text(random, "ab*", 8) + "*" + text(random, "ab*", 4));
      }
      WildcardIndex index = index(wildcards);
      for (int i = 0; i < 50; i++) {
        String text = text(random, "ab", 10);
        int before = random.nextInt(count + 1);
        int expected = before;
        for (int place = before - 1; place >= 0; place--) {
          expected = matches(wildcards.get(place), text) ? place : expected;
        }
        assertEquals(
            expected,
            index.first(text, before),
            () -> "seed %d: %s in %s".formatted(SEED, text, wildcards));
      }
    }
  }

  private static String text(Random random, String of, int most) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(most + 1); length > 0; length--) {
      text.append(of.charAt(random.nextInt(of.length())));
    }
    return text.toString();
  }

  private static boolean matches(String wildcard, String text) {
    if (wildcard.isEmpty()) {
      return text.isEmpty();
    }
    if (wildcard.charAt(0) == '*') {
      return matches(wildcard.substring(1), text)
          || (!text.isEmpty() && matches(wildcard, text.substring(1)));
    }
    return !text.isEmpty()
        && wildcard.charAt(0) == text.charAt(0)
        && matches(wildcard.substring(1), text.substring(1));
  }
}
