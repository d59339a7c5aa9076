package io.limiter.server.rules.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatternTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "POST /login",
        "GET /v1/*",
        "user-?",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "fd00::/8",
        "10.0.0.1/32",
        "10.0.0.0\\/8",
        "a\\*b\\?c\\\\",
        "\\!important",
        "a!b"
      })
  void aPattern_isShownAsItIsWritten(String text) {
    assertEquals(text, PatternText.of(PatternSyntax.parse(text)));
  }

  @Test
  void whatIsShown_readsAsTheSamePattern() {
    long seed = 7;
    Random random = new Random(seed);
    String[] bits = {
      "a",
      "*",
      "?",
      "\\*",
      "\\?",
      "\\!",
      "\\/",
      "\\\\",
      "/",
      "1",
      "0",
      ".",
      ":",
      "ü",
      "1.0.0.0/8",
      "1.0.0.0\\/8"
    };
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(8); n > 0; n--) {
        text.append(bits[random.nextInt(bits.length)]);
      }
      AttributePattern pattern;
      try {
        pattern = PatternSyntax.parse(text.toString());
      } catch (BadPatternException notAPattern) {
        continue;
      }
      read++;
      String shown = PatternText.of(pattern);
      assertEquals(
          pattern,
          PatternSyntax.parse(shown),
          () -> "seed %d: %s is shown as %s".formatted(seed, text, shown));
    }
    assertTrue(read > 10_000, "patterns: " + read);
  }
}
