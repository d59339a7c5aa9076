package io.limiter.client.upstream;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times in headers. What is none, or not ahead, is empty; no time is longer than 366 days. */
final class Times {
  private static final int LONGEST_TEXT = 64;

  /** More digits are no time; with these, arithmetic is exact and cheap. */
  private static final Pattern DECIMAL = Pattern.compile("([0-9]{1,40})(?:\\.([0-9]{1,40}))?");

  /** As Go writes durations, and days besides: 1d2h, 6m0s, 1.5s, 20ms. */
  private static final Pattern PART =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,18})?)(d|h|ms|m|s|us|\u00b5s|\u03bcs|ns)");

  private static final Map<String, Long> NANOS =
      Map.of(
          "d", 86_400_000_000_000L,
          "h", 3_600_000_000_000L,
          "m", 60_000_000_000L,
          "s", 1_000_000_000L,
          "ms", 1_000_000L,
          "us", 1_000L,
          "\u00b5s", 1_000L,
          "\u03bcs", 1_000L,
          "ns", 1L);

  /** The three forms of RFC 9110, section 5.6.7. */
  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          new DateTimeFormatterBuilder()
              .parseCaseInsensitive()
              .appendPattern("EEEE, dd-MMM-")
              // Two digits mean the year next to the present, as the RFC has it within 50 years.
              .appendValueReduced(ChronoField.YEAR, 2, 2, 1_990)
              .appendPattern(" HH:mm:ss 'GMT'")
              .toFormatter(Locale.ENGLISH)
              .withZone(ZoneOffset.UTC),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
              .withZone(ZoneOffset.UTC));

  private static final BigDecimal LONGEST_SECONDS =
      BigDecimal.valueOf(Observation.LONGEST.toSeconds());

  /** In seconds this is the year 5138, in milliseconds 1973. */
  private static final BigDecimal LEAST_MILLIS = BigDecimal.TEN.pow(11);

  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);

  private Times() {}

  /** Seconds, which are cut to 366 days, or a date. */
  static Optional<Duration> retryAfter(String text, Instant now) {
    Optional<BigDecimal> number = decimal(text);
    return number.isPresent()
        ? duration(number.get())
        : date(text).flatMap(date -> capped(Duration.between(now, date)));
  }

  static Optional<Duration> seconds(String text) {
    return decimal(text).flatMap(Times::duration);
  }

  static Optional<Duration> millis(String text) {
    return decimal(text).flatMap(millis -> duration(millis.divide(THOUSAND)));
  }

  /** In any of the forms that are in use, told apart by their look and size. */
  static Optional<Duration> reset(String text, Instant now) {
    Optional<BigDecimal> number = decimal(text);
    if (number.isPresent()) {
      return number.get().compareTo(LONGEST_SECONDS) <= 0
          ? duration(number.get())
          : sinceEpoch(number.get(), now);
    }
    Optional<Duration> go = go(text);
    if (go.isPresent()) {
      return go;
    }
    return date(text)
        .map(date -> Duration.between(now, date))
        // No window ends years ahead.
        .filter(left -> left.compareTo(Observation.LONGEST) <= 0)
        .flatMap(Times::capped);
  }

  private static Optional<Duration> sinceEpoch(BigDecimal number, Instant now) {
    BigDecimal seconds = number.compareTo(LEAST_MILLIS) < 0 ? number : number.divide(THOUSAND);
    BigDecimal present =
        BigDecimal.valueOf(now.getEpochSecond()).add(BigDecimal.valueOf(now.getNano(), 9));
    return Optional.of(seconds.subtract(present))
        .filter(left -> left.signum() > 0 && left.compareTo(LONGEST_SECONDS) <= 0)
        .flatMap(Times::duration);
  }

  private static Optional<Duration> go(String text) {
    if (text.length() > LONGEST_TEXT) {
      return Optional.empty();
    }
    Matcher parts = PART.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (parts.find() && parts.start() == end) {
      long unit = NANOS.getOrDefault(parts.group(2), 0L);
      nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit)));
      end = parts.end();
    }
    return end == 0 || end < text.length() ? Optional.empty() : duration(nanos.movePointLeft(9));
  }

  /** A date of HTTP or of RFC 3339. */
  static Optional<Instant> date(String text) {
    if (text.length() > LONGEST_TEXT) {
      return Optional.empty();
    }
    for (DateTimeFormatter form : DATES) {
      try {
        return Optional.of(ZonedDateTime.parse(text, form).toInstant());
      } catch (DateTimeException otherForm) {
        // The next one, or none.
      }
    }
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException noDate) {
      return Optional.empty();
    }
  }

  private static Optional<BigDecimal> decimal(String text) {
    return DECIMAL.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
  }

  private static Optional<Duration> duration(BigDecimal seconds) {
    BigDecimal nanos = seconds.min(LONGEST_SECONDS).movePointRight(9);
    return capped(Duration.ofNanos(nanos.longValue()));
  }

  private static Optional<Duration> capped(Duration time) {
    if (time.isNegative() || time.isZero()) {
      return Optional.empty();
    }
    return Optional.of(time.compareTo(Observation.LONGEST) > 0 ? Observation.LONGEST : time);
  }
}
