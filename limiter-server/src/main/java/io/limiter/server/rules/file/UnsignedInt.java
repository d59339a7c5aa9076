package io.limiter.server.rules.file;

import io.limiter.server.rules.yaml.BadValueException;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of 32 bits without sign, as Envoy configurations write it: besides {@code 1_000} also
 * {@code 0x3e8}, {@code 0b11} and, with {@code 0} or {@code 0o} before it, octal {@code 01750}.
 */
final class UnsignedInt {
  /** The largest, 2^32 - 1. */
  static final long MOST = (1L << 32) - 1;

  /** More digits than any number in range has, in any radix. */
  private static final int TOO_MANY_DIGITS = 33;

  private static final Pattern NUMBER =
      Pattern.compile(
          "[+]?(?:0x(?<hex>[0-9a-f]+)|0b(?<binary>[01]+)|0o?(?<octal>[0-7]+)"
              + "|(?<decimal>0|[1-9][0-9]*))");

  private UnsignedInt() {}

  /**
   * Reads {@code text}.
   *
   * @throws BadValueException if it is no such number
   */
  static long parse(String field, String text) {
    Matcher number = NUMBER.matcher(text.replace("_", "").toLowerCase(Locale.ROOT));
    if (text.startsWith("_") || !number.matches()) {
      throw new BadValueException(
          "%s \"%s\" is not a whole number; use 0 to %d, such as 100".formatted(field, text, MOST));
    }
    BigInteger value =
        digits(number, "decimal", 10)
            .or(digits(number, "hex", 16))
            .or(digits(number, "octal", 8))
            .or(digits(number, "binary", 2));
    if (value.bitLength() > Integer.SIZE) {
      throw new BadValueException(
          "%s %s is out of range; use 0 to %d".formatted(field, text, MOST));
    }
    return value.longValue();
  }

  private static BigInteger digits(Matcher number, String group, int radix) {
    String digits = number.group(group);
    if (digits == null) {
      return BigInteger.ZERO;
    }
    int zeros = 0;
    while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
      zeros++;
    }
    int end = Math.min(digits.length(), zeros + TOO_MANY_DIGITS);
    return new BigInteger(digits.substring(zeros, end), radix);
  }
}
