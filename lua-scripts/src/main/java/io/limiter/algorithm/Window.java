package io.limiter.algorithm;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/**
 * How a fixed window divides time: without gaps, each moment in exactly one window. Or that it does
 * not: {@link Never}.
 */
public sealed interface Window {

  /** The first microsecond of the window that {@code micros} (since the epoch) falls in. */
  long startOf(long micros);

  /** The first microsecond after the window that {@code micros} (since the epoch) falls in. */
  long endOf(long micros);

  /**
   * Windows of one length, the first of which begins at the epoch.
   *
   * @param micros the length, 1 ms to 366 days
   */
  record Span(long micros) implements Window {
    public Span {
      Bounds.checkWindow("window", micros);
    }

    @Override
    public long startOf(long at) {
      return at - Math.floorMod(at, micros);
    }

    @Override
    public long endOf(long at) {
      return startOf(at) + micros;
    }

    @Override
    public String toString() {
      return Durations.show(micros);
    }
  }

  /**
   * Days, weeks (from Monday), months or years as people in a time zone count them. A day on which
   * clocks change is 23 or 25 hours long.
   *
   * @param day of the month on which a month begins, 1 to 31; in a month that has no such day, on
   *     its last. 1 for the other units
   */
  record Calendar(Unit unit, ZoneId zone, int day) implements Window {
    public Calendar {
      if (day < 1 || day > 31 || (day > 1 && unit != Unit.MONTH)) {
        throw new IllegalArgumentException(
            "day %d of a %s; use 1 to 31 for a month, and 1 for all else".formatted(day, unit));
      }
    }

    /** Beginning on the first day. */
    public Calendar(Unit unit, ZoneId zone) {
      this(unit, zone, 1);
    }

    /** A unit of the calendar, with the name it has in rules files. */
    public enum Unit {
      DAY(ChronoUnit.DAYS),
      WEEK(ChronoUnit.WEEKS),
      MONTH(ChronoUnit.MONTHS),
      YEAR(ChronoUnit.YEARS);

      private final ChronoUnit step;

      Unit(ChronoUnit step) {
        this.step = step;
      }
    }

    @Override
    public long startOf(long at) {
      return micros(firstDay(at));
    }

    @Override
    public long endOf(long at) {
      LocalDate first = firstDay(at);
      return micros(unit == Unit.MONTH ? begin(first, 1) : first.plus(1, unit.step));
    }

    /** The day on which the month begins that begins in the month of a day, or in a later one. */
    private LocalDate begin(LocalDate in, int monthsLater) {
      YearMonth month = YearMonth.from(in).plusMonths(monthsLater);
      return month.atDay(Math.min(day, month.lengthOfMonth()));
    }

    private LocalDate firstDay(long at) {
      Instant instant =
          Instant.ofEpochSecond(
              Math.floorDiv(at, 1_000_000L), Math.floorMod(at, 1_000_000L) * 1_000);
      LocalDate date = LocalDate.ofInstant(instant, zone);
      return switch (unit) {
        case DAY -> date;
        case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        case MONTH -> begin(date, date.isBefore(begin(date, 0)) ? -1 : 0);
        case YEAR -> date.withDayOfYear(1);
      };
    }

    private long micros(LocalDate date) {
      return Math.multiplyExact(date.atStartOfDay(zone).toEpochSecond(), 1_000_000L);
    }

    @Override
    public String toString() {
      String name = unit.name().toLowerCase(Locale.ROOT);
      return (day == 1 ? name : name + " from day " + day) + " in " + zone;
    }
  }

  /**
   * One window for all time: what is charged counts until it is given back or reset.
   *
   * <p>Nothing may stay in Redis for ever, and a balance may not vanish. So what is stored ends,
   * after the second of the {@link #STEP_MICROS} that come: 10 to 20 years after the last charge,
   * and each charge puts that off. As the end changes once in ten years only, a refund finds the
   * window that was charged.
   */
  record Never() implements Window {
    /** Ten years. */
    static final long STEP_MICROS = 3_652L * 86_400_000_000L;

    @Override
    public long startOf(long at) {
      return 0;
    }

    @Override
    public long endOf(long at) {
      return (Math.floorDiv(at, STEP_MICROS) + 2) * STEP_MICROS;
    }

    @Override
    public String toString() {
      return "never";
    }
  }
}
