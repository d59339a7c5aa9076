package io.limiter.server.key;

import java.util.Arrays;

/**
 * The hash slots of a Redis Cluster. A script may touch keys of one slot only, so records lie in
 * the slot of the counters that they speak of.
 *
 * <p>Source: "Redis cluster specification", key hash tags; the checksum is CRC-16/XMODEM.
 */
public final class Slots {
  /** How many there are. */
  public static final int COUNT = 16_384;

  private static final int POLYNOMIAL = 0x1021;
  private static final int[] CHECKSUMS = checksums();

  private Slots() {}

  /** The slot of a key: that of the text in its first braces, or of all of it without these. */
  public static int of(String key) {
    int open = key.indexOf('{');
    int close = open < 0 ? -1 : key.indexOf('}', open + 1);
    return close > open + 1 ? of(key, open + 1, close) : of(key, 0, key.length());
  }

  /** Keys are ASCII: each character is a byte. */
  private static int of(String key, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum = (sum << 8 ^ CHECKSUMS[(sum >>> 8 ^ key.charAt(i)) & 0xFF]) & 0xFFFF;
    }
    return sum % COUNT;
  }

  /** The same text for a slot at all times: its own slot is that one. */
  static String tag(int slot) {
    return Integer.toString(Tags.NUMBERS[slot]);
  }

  private static int[] checksums() {
    int[] sums = new int[256];
    for (int i = 0; i < sums.length; i++) {
      int sum = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        sum = (sum & 0x8000) == 0 ? sum << 1 : sum << 1 ^ POLYNOMIAL;
      }
      sums[i] = sum & 0xFFFF;
    }
    return sums;
  }

  /** Made when a tag is first asked for, which takes some 150,000 checksums. */
  private static final class Tags {
    /** For each slot the smallest number whose digits fall into it. */
    private static final int[] NUMBERS = numbers();

    private static int[] numbers() {
      int[] numbers = new int[COUNT];
      Arrays.fill(numbers, -1);
      int missing = COUNT;
      for (int number = 0; missing > 0; number++) {
        String digits = Integer.toString(number);
        int slot = of(digits, 0, digits.length());
        if (numbers[slot] < 0) {
          numbers[slot] = number;
          missing--;
        }
      }
      return numbers;
    }
  }
}
