package io.limiter.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {

  @ParameterizedTest
  @CsvSource({
    // A day in Berlin on which clocks go forward has 23 hours, one on which they go back 25.
    "DAY, Europe/Berlin, 2026-03-29T10:00:00+02:00, 2026-03-29T00:00:00+01:00, 23h",
    "DAY, Europe/Berlin, 2026-10-25T10:00:00+01:00, 2026-10-25T00:00:00+02:00, 25h",
    "DAY, Europe/Berlin, 2026-10-25T02:30:00+02:00, 2026-10-25T00:00:00+02:00, 25h",
    "DAY, Europe/Berlin, 2026-10-25T02:30:00+01:00, 2026-10-25T00:00:00+02:00, 25h",
    "DAY, Europe/Berlin, 2026-06-01T23:59:59.999999+02:00, 2026-06-01T00:00:00+02:00, 1d",
    // Half an hour is saved on Lord Howe; midnight itself is skipped in Santiago.
    "DAY, Australia/Lord_Howe, 2026-04-05T12:00:00+10:30, 2026-04-05T00:00:00+11:00, 1470m",
    "DAY, America/Santiago, 2026-09-06T12:00:00-03:00, 2026-09-06T01:00:00-03:00, 23h",
    "DAY, UTC, 2026-02-28T23:00:00Z, 2026-02-28T00:00:00Z, 1d",
    "WEEK, Europe/Berlin, 2026-04-01T12:00:00+02:00, 2026-03-30T00:00:00+02:00, 7d",
    "WEEK, Europe/Berlin, 2026-03-29T12:00:00+02:00, 2026-03-23T00:00:00+01:00, 167h",
    "WEEK, UTC, 2026-01-01T00:00:00Z, 2025-12-29T00:00:00Z, 7d",
    "MONTH, Europe/Berlin, 2026-03-31T23:00:00+02:00, 2026-03-01T00:00:00+01:00, 743h",
    "MONTH, UTC, 2028-02-15T00:00:00Z, 2028-02-01T00:00:00Z, 29d",
    "YEAR, Asia/Kathmandu, 2026-07-01T00:00:00+05:45, 2026-01-01T00:00:00+05:45, 365d",
    "YEAR, UTC, 2028-12-31T23:59:59Z, 2028-01-01T00:00:00Z, 366d",
  })
  void calendarWindow_isThatOfTheZone(
      Window.Calendar.Unit unit,
      ZoneId zone,
      OffsetDateTime at,
      OffsetDateTime start,
      String length) {
    Window window = new Window.Calendar(unit, zone);
    long atMicros = micros(at.toInstant());
    assertEquals(micros(start.toInstant()), window.startOf(atMicros));
    assertEquals(length, Durations.show(window.endOf(atMicros) - window.startOf(atMicros)));
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }

  @Test
  void span_isAlignedToTheEpoch() {
    Window window = new Window.Span(7_000);
    assertEquals(0, window.startOf(6_999));
    assertEquals(7_000, window.startOf(7_000));
    assertEquals(14_000, window.endOf(13_999));
    assertEquals(-7_000, window.startOf(-1));
  }

  @Test
  void windows_coverTimeWithoutGaps() {
    Random random = new Random(11);
    for (String zone : ZoneId.getAvailableZoneIds().stream().sorted().toList()) {
      for (Window.Calendar.Unit unit : Window.Calendar.Unit.values()) {
        Window window = new Window.Calendar(unit, ZoneId.of(zone));
        long at = 1_000_000_000_000_000L + (random.nextLong() >>> 14);
        long start = window.startOf(at);
        long end = window.endOf(at);
        String label = unit + " in " + zone + " at " + at;
        assertTrue(start <= at && at < end, label);
        assertEquals(start, window.startOf(start), label);
        assertEquals(start, window.startOf(end - 1), label);
        assertEquals(end, window.startOf(end), label);
        assertEquals(start, window.endOf(start - 1), label);
      }
    }
  }

  @Test
  void aWindowWithoutEnd_isStoredForTenToTwentyYears_andItsEndMovesOnceInTen() {
    Window window = new Window.Never();
    long tenYears = Window.Never.STEP_MICROS;
    Random random = new Random(11);
    for (int i = 0; i < 10_000; i++) {
      long at = random.nextLong(Bounds.MAX_PRODUCT - 2 * tenYears);
      assertEquals(0, window.startOf(at));
      long left = window.endOf(at) - at;
      assertTrue(left > tenYears && left <= 2 * tenYears, "at " + at);
      assertEquals(0, window.endOf(at) % tenYears);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "15, UTC, 2026-03-14T23:59:59.999999Z, 2026-02-15, 2026-03-15",
    "15, UTC, 2026-03-15T00:00:00Z, 2026-03-15, 2026-04-15",
    "31, UTC, 2026-02-27T12:00:00Z, 2026-01-31, 2026-02-28",
    "31, UTC, 2026-02-28T00:00:00Z, 2026-02-28, 2026-03-31",
    "31, UTC, 2028-02-29T00:00:00Z, 2028-02-29, 2028-03-31",
    "30, UTC, 2026-03-29T00:00:00Z, 2026-02-28, 2026-03-30",
    "29, UTC, 2026-03-01T00:00:00Z, 2026-02-28, 2026-03-29",
    "31, UTC, 2026-12-31T10:00:00Z, 2026-12-31, 2027-01-31",
    "1, UTC, 2026-12-31T10:00:00Z, 2026-12-01, 2027-01-01",
    "15, Europe/Berlin, 2026-07-14T22:00:00Z, 2026-07-15, 2026-08-15",
    "15, Europe/Berlin, 2026-07-14T21:59:59Z, 2026-06-15, 2026-07-15",
  })
  void aMonth_beginsOnItsDay_orOnTheLastOfAShortMonth(
      int day, ZoneId zone, Instant at, LocalDate start, LocalDate end) {
    Window window = new Window.Calendar(Window.Calendar.Unit.MONTH, zone, day);
    assertEquals(micros(start.atStartOfDay(zone).toInstant()), window.startOf(micros(at)));
    assertEquals(micros(end.atStartOfDay(zone).toInstant()), window.endOf(micros(at)));
  }

  @Test
  void monthsOfEveryDay_haveNoGaps() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      Window window =
          new Window.Calendar(
              Window.Calendar.Unit.MONTH, ZoneId.of("Europe/Berlin"), 1 + random.nextInt(31));
      long at = random.nextLong(Bounds.MAX_PRODUCT);
      long end = window.endOf(at);
      assertTrue(window.startOf(at) <= at && at < end, window + " at " + at);
      assertEquals(end, window.startOf(end), window + " at " + at);
      assertEquals(window.startOf(at), window.startOf(end - 1), window + " at " + at);
    }
  }
}
