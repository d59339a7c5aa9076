package io.limiter.server.rules.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WildcardTest {
  private static final String[] PIECES = {
    "a", "b", "ab", "aab", "aaaaaaaab", "abababab", "*", "*", "?", "?", "\u00e9", "\ud83d\ude00"
  };

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "/api/*/pay, /api/7/pay, true",
        "/api/*/pay, /api/7/8/pay, true",
        "/api/*/pay, /api/pay, false",
        "*.pdf, a.pdf, true",
        "*.pdf, .pdf, true",
        "*.pdf, a.pdf2, false",
        "a*b*, ab, true",
        "a*b*, acbd, true",
        "a*b*, acd, false",
        "x**, x, true",
        "x**, xy, true",
        "x**, yx, false",
        "aba*aba, aba, false",
        "aba*aba, abaaba, true",
        "a?c, a?c, true",
        "a?c, abc, false",
        "\"\", \"\", true",
        "\"\", a, false",
        "*, \"\", true",
        "a, a, true",
        "a, A, false",
      })
  void star_isAnyRun_andAllElseIsItself(String text, String value, boolean matches) {
    assertEquals(matches, Wildcard.of(text).matches(value));
  }

  private static String text(Random random, int most, boolean wild) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(most); left > 0; left--) {
      String piece = PIECES[random.nextInt(PIECES.length)];
      text.append(wild || (!piece.equals("*") && !piece.equals("?")) ? piece : "a");
    }
    return text.toString();
  }

  /** The pattern as a regular expression: slow, and another's work. */
  private static boolean plainly(String pattern, String value) {
    StringBuilder regex = new StringBuilder();
    pattern
        .codePoints()
        .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c)))
        .forEach(regex::append);
    return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(value).matches();
  }

  @Test
  void pattern_matchesWhatTheRegularExpressionMatches() {
    Random random = new Random(1);
    int matched = 0;
    for (int i = 0; i < 20_000; i++) {
      String value = text(random, 9, /* wild= */ false);
      String pattern =
          random.nextBoolean() ? text(random, 8, /* wild= */ true) : blurred(value, random);
      boolean expected = plainly(pattern, value);
      matched += expected ? 1 : 0;
      assertEquals(
          expected, PatternSyntax.parse(pattern).matches(value), () -> pattern + " and " + value);
    }
    assertTrue(matched > 2_000, "too few match for the comparison to say much: " + matched);
  }

  /** The value with some characters replaced by wildcards. */
  private static String blurred(String value, Random random) {
    StringBuilder pattern = new StringBuilder();
    value
        .codePoints()
        .forEach(
            c -> {
              switch (random.nextInt(6)) {
                case 0 -> pattern.append('?');
                case 1 -> pattern.append('*');
                case 2 -> {}
                default -> pattern.appendCodePoint(c);
              }
            });
    return pattern.toString();
  }

  @Test
  void partWithOne_isAsLongAsTheBitsOfItsAutomaton() {
    String most = "a".repeat(63) + "?";
    assertTrue(PatternSyntax.parse("*" + most + "*").matches("b" + "a".repeat(64) + "c"));
    assertFalse(PatternSyntax.parse("*" + most).matches("a".repeat(63)));
    String said =
        assertThrows(BadPatternException.class, () -> PatternSyntax.parse("*a" + most))
            .getMessage();
    assertEquals(
        "the pattern has 65 characters with ? among them behind a *; use at most 64, or no ? there",
        said);
    assertTrue(PatternSyntax.parse("aa" + most + "*").matches("a".repeat(66)));
  }

  @Test
  void masks_knowEveryPlaceOfEveryCharacter() {
    Random random = new Random(2);
    for (int run = 0; run < 2_000; run++) {
      int step = 1 << random.nextInt(10);
      int[] symbols =
          random.ints(1 + random.nextInt(64), 0, 64).map(i -> i == 0 ? -2 : i * step).toArray();
      CharMasks masks = new CharMasks(symbols);
      for (int c = 0; c <= 64 * step; c++) {
        long expected = 0;
        for (int i = 0; i < symbols.length; i++) {
          expected |= symbols[i] == c ? 1L << i : 0;
        }
        assertEquals(expected, masks.of((char) c));
      }
    }
  }
}
