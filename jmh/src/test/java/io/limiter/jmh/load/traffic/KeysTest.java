package io.limiter.jmh.load.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
  private static final int DRAWS = 1_000_000;

  @Test
  void uniform_drawsEachKeyAlike() {
    int[] drawn = draw("uniform:10");

    for (int key = 0; key < 10; key++) {
      assertEquals(DRAWS / 10.0, drawn[key], DRAWS / 200.0, "key " + key);
    }
  }

  @ParameterizedTest
  @CsvSource({"zipf:1000, 1", "zipf:1000:0.5, 0.5", "zipf:1000:1.5, 1.5", "zipf:3, 1"})
  void zipf_drawsARankInProportionToItsPower(String text, double exponent) {
    int[] drawn = draw(text);

    int count = Keys.parse(text).count();
    double sum = IntStream.rangeClosed(1, count).mapToDouble(r -> Math.pow(r, -exponent)).sum();
    for (int key = 0; key < count; key++) {
      double expected = DRAWS * Math.pow(key + 1, -exponent) / sum;
      // Six standard deviations and one draw.
      assertEquals(expected, drawn[key], 6 * Math.sqrt(expected) + 1, "key " + key);
    }
  }

  @Test
  void one_isAlwaysTheSame() {
    assertEquals(DRAWS, draw("one")[0]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"uniform", "uniform:", "uniform:x", "zipf:10:", "zipf:10:-1", "one:2", ""})
  void whatIsNoChoice_isRefusedWithTheChoices(String text) {
    var wrong = assertThrows(IllegalArgumentException.class, () -> Keys.parse(text));

    assertEquals(
        "\"%s\" is no choice of keys; use one, uniform:100000, zipf:100000 or zipf:100000:1.2"
            .formatted(text),
        wrong.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"uniform:0, 100000000", "uniform:100000001, 100000000", "zipf:10000001, 10000000"})
  void aCountOutOfRange_isRefusedWithTheRange(String text, int most) {
    var wrong = assertThrows(IllegalArgumentException.class, () -> Keys.parse(text));

    assertTrue(
        String.valueOf(wrong.getMessage()).endsWith("out of range; use 1 to " + most),
        wrong.getMessage());
  }

  @Test
  void deniedShare_isAimedAtFewKeys() {
    Traffic traffic = new Traffic(Keys.parse("uniform:100000"), 0.25, 1);

    int denied = 0;
    for (int i = 0; i < DRAWS; i++) {
      int key = traffic.next();
      if (traffic.denied()) {
        denied++;
        assertTrue(key < Traffic.USED_UP_KEYS, "key " + key);
      }
    }
    assertEquals(DRAWS / 4.0, denied, DRAWS / 200.0);
  }

  private static int[] draw(String text) {
    Keys keys = Keys.parse(text);
    SplittableRandom random = new SplittableRandom(7);
    int[] drawn = new int[keys.count()];
    for (int i = 0; i < DRAWS; i++) {
      drawn[keys.draw(random)]++;
    }
    return drawn;
  }
}
