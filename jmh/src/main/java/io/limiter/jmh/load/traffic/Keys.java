package io.limiter.jmh.load.traffic;

import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often each key is asked about: all alike, or by Zipf's law, where the key of rank r comes up
 * in proportion to 1/r^exponent.
 */
public final class Keys {
  /** As many as eight digits can tell apart. */
  static final int MOST = 100_000_000;

  /** A table takes 12 bytes a key. */
  private static final int MOST_BY_ZIPF = 10_000_000;

  private static final Pattern TEXT =
      Pattern.compile("one|uniform:(\\d{1,9})|zipf:(\\d{1,9})(?::(\\d{1,2}(?:\\.\\d{1,6})?))?");

  private final String text;
  private final int count;
  private final ZipfTable zipf;

  private Keys(String text, int count, ZipfTable zipf) {
    this.text = text;
    this.count = count;
    this.zipf = zipf;
  }

  /**
   * Reads {@code one}, {@code uniform:COUNT} or {@code zipf:COUNT[:EXPONENT]}.
   *
   * @throws IllegalArgumentException when it is none of them; the message says what would be
   */
  public static Keys parse(String text) {
    Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no choice of keys; use one, uniform:100000, zipf:100000 or zipf:100000:1.2"
              .formatted(text));
    }
    if (matcher.group(1) != null) {
      return new Keys(text, count(text, matcher.group(1), MOST), ZipfTable.NONE);
    }
    if (matcher.group(2) != null) {
      int count = count(text, matcher.group(2), MOST_BY_ZIPF);
      String exponent = matcher.group(3);
      return new Keys(
          text, count, ZipfTable.of(count, exponent == null ? 1 : Double.parseDouble(exponent)));
    }
    return new Keys(text, 1, ZipfTable.NONE);
  }

  private static int count(String text, String digits, int most) {
    int count = Integer.parseInt(digits);
    if (count < 1 || count > most) {
      throw new IllegalArgumentException(
          "%s: %d keys are out of range; use 1 to %d".formatted(text, count, most));
    }
    return count;
  }

  /** One of them, numbered from 0, the most frequent first. */
  int draw(SplittableRandom random) {
    if (count == 1) {
      return 0;
    }
    return zipf == ZipfTable.NONE ? random.nextInt(count) : zipf.draw(random);
  }

  int count() {
    return count;
  }

  @Override
  public String toString() {
    return text;
  }
}
