package io.limiter.server.rules.yaml;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a plain scalar means to the YAML library of envoyproxy/ratelimit, {@code go-yaml} 2: mostly
 * YAML 1.1. {@code yes} is true, {@code 010} is 8, {@code 1_000} is 1000 and {@code 1e3} is a text.
 */
final class GoScalar {
  private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> YES =
      Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
  private static final Set<String> NO =
      Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
  private static final Pattern SPECIAL =
      Pattern.compile("\\.(?:nan|NaN|NAN)|(?<sign>[-+]?)\\.(?:inf|Inf|INF)");
  private static final Pattern DATE =
      Pattern.compile("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?", Pattern.DOTALL);
  private static final Pattern INTEGER =
      Pattern.compile(
          "(?<sign>[-+]?)(?:0[xX](?<hex>[0-9a-fA-F]+)|0[bB](?<binary>[01]+)|0[oO]?(?<octal>[0-7]+)"
              + "|(?<decimal>0|[1-9][0-9]*))");
  private static final Pattern FLOAT = Pattern.compile("[-+]?[0-9]*\\.?[0-9]+([eE][-+][0-9]+)?");
  private static final Pattern POINT_FIRST = Pattern.compile("\\.[0-9]+([eE][-+]?[0-9]+)?");

  /** So many digits fit into 64 bits in any radix, zeros before them left aside. */
  private static final int MOST_DIGITS = 64;

  private GoScalar() {}

  /** Whether nothing is said. */
  static boolean isNothing(String text) {
    return NOTHING.contains(text);
  }

  /** The flag that a text is; empty for any other. */
  static Optional<Boolean> flag(String text) {
    return YES.contains(text) || NO.contains(text)
        ? Optional.of(YES.contains(text))
        : Optional.empty();
  }

  /**
   * The value: a {@link String}, a {@link Double}, a {@link Boolean}, or an empty {@link Optional}
   * for null.
   */
  static Object value(String text) {
    if (isNothing(text)) {
      return Optional.empty();
    }
    Optional<Boolean> flag = flag(text);
    if (flag.isPresent()) {
      return flag.get();
    }
    Matcher special = SPECIAL.matcher(text);
    if (special.matches()) {
      String sign = special.group("sign");
      return sign == null
          ? Double.NaN
          : sign.equals("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (text.charAt(0) == '.') {
      return POINT_FIRST.matcher(text).matches() ? finite(text, text) : text;
    }
    boolean mayBeNumber = "+-0123456789".indexOf(text.charAt(0)) >= 0;
    return !mayBeNumber || DATE.matcher(text).matches() ? text : number(text);
  }

  private static Object number(String text) {
    String plain = text.replace("_", "");
    Matcher integer = INTEGER.matcher(plain);
    if (integer.matches()) {
      for (String group : new String[] {"hex", "binary", "octal", "decimal"}) {
        String digits = integer.group(group);
        if (digits != null) {
          Optional<Double> whole = whole(integer.group("sign"), digits, radix(group));
          if (whole.isPresent()) {
            return whole.get();
          }
        }
      }
    }
    return FLOAT.matcher(plain).matches() ? finite(plain, text) : text;
  }

  private static int radix(String group) {
    return switch (group) {
      case "hex" -> 16;
      case "binary" -> 2;
      case "octal" -> 8;
      default -> 10;
    };
  }

  /** A whole number of 64 bits, with a sign or without. */
  private static Optional<Double> whole(String sign, String digits, int radix) {
    String significant = digits.replaceFirst("^0+(?=.)", "");
    if (significant.length() > MOST_DIGITS) {
      return Optional.empty();
    }
    BigInteger amount = new BigInteger(significant, radix);
    BigInteger value = sign.equals("-") ? amount.negate() : amount;
    boolean fits = value.bitLength() < Long.SIZE || (sign.isEmpty() && amount.bitLength() <= 64);
    return fits ? Optional.of(value.doubleValue()) : Optional.empty();
  }

  private static Object finite(String number, String otherwise) {
    double value = Double.parseDouble(number);
    return Double.isInfinite(value) ? otherwise : value;
  }

  /** A value as the key of a mapping. */
  static String key(Object value) {
    if (value instanceof Double number
        && number == Math.rint(number)
        && Math.abs(number) <= 1L << 53) {
      return Long.toString(number.longValue());
    }
    if (value instanceof Optional<?>) {
      return "<nil>";
    }
    return value instanceof Double
        ? value.toString().toLowerCase(Locale.ROOT)
        : String.valueOf(value);
  }
}
