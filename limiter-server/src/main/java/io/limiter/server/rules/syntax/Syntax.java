package io.limiter.server.rules.syntax;

import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.LimitOutOfBoundsException;
import io.limiter.algorithm.Window;
import io.limiter.server.rules.BillingDay;
import io.limiter.server.rules.Rate;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.yaml.BadValueException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the single values of rules files. Every method throws {@link BadValueException} for a text
 * that it cannot read.
 */
public final class Syntax {
  /** The longest name of a domain, rule, unit or attribute, in characters. */
  public static final int LONGEST_NAME = 64;

  private static final int LONGEST_DOMAIN = 128;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1," + LONGEST_NAME + "}");
  private static final Pattern ATTRIBUTE =
      Pattern.compile("[^\\s\\p{Cntrl}]{1," + LONGEST_NAME + "}", Pattern.UNICODE_CHARACTER_CLASS);
  private static final String DIGITS = "[0-9]+(?:_[0-9]+)*";
  private static final Pattern COUNT = Pattern.compile(DIGITS);
  private static final Pattern DURATION = Pattern.compile("(" + DIGITS + ")(ms|s|m|h|d)");
  private static final Pattern RATE =
      Pattern.compile("(" + DIGITS + ")/(" + DIGITS + ")?(ms|s|m|h|d)");
  private static final Pattern SHARE = Pattern.compile("([0-9]{1,3})(?:\\.([0-9]{1,2}))?%");
  private static final int MOST_DIGITS = 18;

  private static final Map<String, Long> UNIT_MICROS =
      Map.of(
          "ms",
          1_000L,
          "s",
          1_000_000L,
          "m",
          60_000_000L,
          "h",
          3_600_000_000L,
          "d",
          86_400_000_000L);

  private static final Map<String, Window.Calendar.Unit> CALENDAR =
      words(Window.Calendar.Unit.values(), unit -> unit.name().toLowerCase(Locale.ROOT));

  /** The word for a window that has no end. */
  private static final String NEVER = "never";

  /** The windows that have a word. */
  private static final List<String> WINDOWS =
      Stream.concat(CALENDAR.keySet().stream(), Stream.of(NEVER)).toList();

  private Syntax() {}

  /** The name of a domain, rule or unit: 1 to 64 letters, digits, dots, underscores and dashes. */
  public static String name(String field, String text) {
    if (!isName(text)) {
      throw new BadValueException(
          "%s \"%s\" is not a name; use 1 to %d letters, digits, dots, underscores and dashes"
              .formatted(field, text, LONGEST_NAME));
    }
    return text;
  }

  /** Whether a text is such a name. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /**
   * The name of a domain of descriptors, which may be any text that a request can name: 1 to 128
   * bytes of UTF-8 without control characters.
   */
  public static String descriptorDomain(String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > LONGEST_DOMAIN) {
      throw new BadValueException(
          "domain has %d bytes; use 1 to %d".formatted(bytes, LONGEST_DOMAIN));
    }
    text.chars()
        .filter(Character::isISOControl)
        .findFirst()
        .ifPresent(
            control -> {
              throw new BadValueException(
                  "domain has the control character U+%04X in it; remove it".formatted(control));
            });
    return text;
  }

  /** The name of an attribute: 1 to 64 characters, no white space. */
  public static String attribute(String field, String text) {
    if (!ATTRIBUTE.matcher(text).matches()) {
      throw new BadValueException(
          "%s: \"%s\" is not an attribute's name; use 1 to %d characters without white space"
              .formatted(field, text, LONGEST_NAME));
    }
    return text;
  }

  /** A whole number, {@code 10_000}. Its range is checked where it is used. */
  public static long count(String field, String text) {
    if (!COUNT.matcher(text).matches()) {
      throw new BadValueException(
          "%s \"%s\" is not a whole number; use 0 to %d (2^52), such as 100 or 10_000"
              .formatted(field, text, Bounds.MAX_COUNT));
    }
    return digits(field, text, Long.toString(Bounds.MAX_COUNT) + " (2^52)");
  }

  /** The bits of an address that count, 0 to {@code most}. */
  public static int bits(String field, String text, int most) {
    long bits = count(field, text);
    if (bits > most) {
      throw new BadValueException(
          "%s %s is out of range; use 0 to %d".formatted(field, text, most));
    }
    return (int) bits;
  }

  private static long digits(String field, String text, String most) {
    String digits = text.replace("_", "");
    if (digits.length() > MOST_DIGITS) {
      throw new BadValueException(
          "%s %s is out of range; use at most %s".formatted(field, text, most));
    }
    return Long.parseLong(digits);
  }

  /** {@code 100/s}, {@code 5/10s}. */
  public static Rate rate(String text) {
    Matcher rate = RATE.matcher(text);
    if (!rate.matches()) {
      throw new BadValueException(
          "rate \"%s\" is not a rate; use a number per s, m, h, d or duration, such as 100/s or 5/10s"
              .formatted(text));
    }
    String number = rate.group(2) == null ? "1" : rate.group(2);
    return new Rate(
        digits("rate", rate.group(1), Bounds.MAX_COUNT + " (2^52)"),
        micros("period", number, rate.group(3)));
  }

  /** {@code 10%} or {@code 0.25%}, in hundredths of a percent; empty for any other text. */
  public static OptionalInt basisPoints(String text) {
    Matcher share = SHARE.matcher(text);
    if (!share.matches()) {
      return OptionalInt.empty();
    }
    String hundredths = share.group(2) == null ? "" : share.group(2);
    return OptionalInt.of(Integer.parseInt(share.group(1) + (hundredths + "00").substring(0, 2)));
  }

  /** The share of keys that a rule is enforced for, in hundredths of a percent. */
  public static int share(String text) {
    OptionalInt points = basisPoints(text);
    if (points.isPresent() && points.getAsInt() <= Rule.Mode.ALL) {
      return points.getAsInt();
    }
    throw new BadValueException(
        "enforce \"%s\" is no share of the keys; use 0%% to 100%%, such as 10%% or 0.25%%"
            .formatted(text));
  }

  /** How much longer than the time itself a wait may be, at random; in basis points. */
  public static int spread(String text) {
    OptionalInt points = basisPoints(text);
    if (points.isPresent() && points.getAsInt() <= Rule.Mode.ALL) {
      return points.getAsInt();
    }
    throw new BadValueException(
        "retry-spread \"%s\" is no share of the wait; use 0%% to 100%%, such as 10%% or 0.25%%"
            .formatted(text));
  }

  /** {@code 10s}, or a unit of the calendar, in UTC, or {@code never}. */
  public static Window window(String text) {
    if (text.equals(NEVER)) {
      return new Window.Never();
    }
    Window.Calendar.Unit unit = CALENDAR.get(text);
    if (unit != null) {
      return new Window.Calendar(unit, ZoneOffset.UTC);
    }
    Matcher duration = DURATION.matcher(text);
    if (!duration.matches()) {
      throw new BadValueException(
          "window \"%s\" is not a duration; %s"
              .formatted(
                  text,
                  Suggestion.nearest(text, WINDOWS)
                      .map("did you mean %s?"::formatted)
                      .orElse(
                          "use a number and ms, s, m, h or d, such as 10s, or "
                              + Suggestion.oneOf(WINDOWS))));
    }
    try {
      return new Window.Span(micros("window", duration.group(1), duration.group(2)));
    } catch (LimitOutOfBoundsException e) {
      throw new BadValueException(String.valueOf(e.getMessage()));
    }
  }

  /** {@code 10s}, in microseconds. Its range is checked where it is used. */
  public static long duration(String field, String text) {
    Matcher duration = DURATION.matcher(text);
    if (!duration.matches()) {
      throw new BadValueException(
          "%s \"%s\" is not a duration; use a number and ms, s, m, h or d, such as 1s"
              .formatted(field, text));
    }
    return micros(field, duration.group(1), duration.group(2));
  }

  /** How long a hold lasts: {@code 30s}, in microseconds; 1 ms to 366 days. */
  public static long hold(String text) {
    long micros = duration("hold", text);
    if (micros < Bounds.MIN_WINDOW_MICROS || micros > Bounds.MAX_WINDOW_MICROS) {
      throw new BadValueException("hold %s is out of range; use 1ms to 366d".formatted(text));
    }
    return micros;
  }

  private static long micros(String field, String number, String unit) {
    long amount = digits(field, number, "366d");
    long micros = UNIT_MICROS.getOrDefault(unit, 1L);
    if (amount > Long.MAX_VALUE / micros) {
      throw new BadValueException(
          "%s %s%s is out of range; use 1ms to 366d".formatted(field, number, unit));
    }
    return amount * micros;
  }

  /** A day of a month, or in braces the attribute that names it: {@code {billing_day}}. */
  public static BillingDay from(String text) {
    if (text.startsWith("{") && text.endsWith("}") && text.length() > 2) {
      return new BillingDay(1, attribute("from", text.substring(1, text.length() - 1)));
    }
    int day = BillingDay.number(text);
    if (day < 1 || day > BillingDay.MOST) {
      throw new BadValueException(
          "from \"%s\" is no day of a month; use 1 to %d, or the attribute that names it, such as \"{billing_day}\""
              .formatted(text, BillingDay.MOST));
    }
    return new BillingDay(day, "");
  }

  /** A time zone of the IANA's list. */
  public static ZoneId zone(String text) {
    if (text.equals("UTC")) {
      return ZoneOffset.UTC;
    }
    if (!ZoneId.getAvailableZoneIds().contains(text)) {
      throw new BadValueException(
          "zone \"%s\" is unknown; %s"
              .formatted(
                  text,
                  Suggestion.nearest(text, ZoneId.getAvailableZoneIds())
                      .map("did you mean %s?"::formatted)
                      .orElse("use an IANA name such as Europe/Berlin")));
    }
    return ZoneId.of(text);
  }

  /** What words of files stand for, in the order of messages. */
  public static <T> Map<String, T> words(T[] values, Function<T, String> word) {
    Map<String, T> words = new LinkedHashMap<>();
    for (T value : values) {
      words.put(word.apply(value), value);
    }
    return Collections.unmodifiableMap(words);
  }
}
