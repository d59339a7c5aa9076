package io.limiter.jmh.load.flags;

import io.limiter.algorithm.Algorithm;
import io.limiter.jmh.load.pace.Arrivals;
import io.limiter.jmh.load.traffic.Keys;
import io.limiter.jmh.load.traffic.Kind;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the values of flags; what is wrong is said with what would be right. */
public final class FlagTypes {
  private static final Pattern TIME = Pattern.compile("(\\d{1,6})(ms|s|m)");

  private FlagTypes() {}

  public static void within(String flag, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s %s is out of range; use %s to %s",
              flag,
              plain(value),
              plain(least),
              plain(most)));
    }
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  private static <T> T choice(String text, T[] values, String what) {
    return Arrays.stream(values)
        .filter(value -> name(value).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "\"%s\" is no %s; use %s"
                        .formatted(
                            text,
                            what,
                            Arrays.stream(values)
                                .map(FlagTypes::name)
                                .collect(Collectors.joining(", ")))));
  }

  private static String name(Object value) {
    return value instanceof Algorithm algorithm ? algorithm.label() : value.toString();
  }

  static final class Kinds implements ITypeConverter<Kind> {
    @Override
    public Kind convert(String text) {
      return choice(text, Kind.values(), "kind");
    }
  }

  static final class Algorithms implements ITypeConverter<Algorithm> {
    @Override
    public Algorithm convert(String text) {
      return choice(text, Algorithm.values(), "algorithm");
    }
  }

  static final class ArrivalChoice implements ITypeConverter<Arrivals> {
    @Override
    public Arrivals convert(String text) {
      return choice(text, Arrivals.values(), "way to arrive");
    }
  }

  static final class KeyChoice implements ITypeConverter<Keys> {
    @Override
    public Keys convert(String text) {
      try {
        return Keys.parse(text);
      } catch (IllegalArgumentException wrong) {
        throw new TypeConversionException(wrong.getMessage());
      }
    }
  }

  public static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Matcher matcher = TIME.matcher(text);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "\"%s\" is no time; use a number with its unit, such as 500ms, 10s or 2m"
                .formatted(text));
      }
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(amount);
        case "s" -> Duration.ofSeconds(amount);
        default -> Duration.ofMinutes(amount);
      };
    }
  }
}
