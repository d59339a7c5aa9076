package io.limiter.algorithm;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;

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
   */
  record Calendar(Unit unit, ZoneId zone) implements Window {

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
      return micros(firstDay(at).plus(1, unit.step));
    }

    private LocalDate firstDay(long at) {
      Instant instant =
          Instant.ofEpochSecond(
              Math.floorDiv(at, 1_000_000L), Math.floorMod(at, 1_000_000L) * 1_000);
      LocalDate day = LocalDate.ofInstant(instant, zone);
      return switch (unit) {
        case DAY -> day;
        case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        case MONTH -> day.withDayOfMonth(1);
        case YEAR -> day.withDayOfYear(1);
      };
    }

    private long micros(LocalDate day) {
      return Math.multiplyExact(day.atStartOfDay(zone).toEpochSecond(), 1_000_000L);
    }

    @Override
    public String toString() {
      return unit.name().toLowerCase(java.util.Locale.ROOT) + " in " + zone;
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
