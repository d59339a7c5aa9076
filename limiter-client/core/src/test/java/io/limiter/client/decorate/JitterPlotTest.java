package io.limiter.client.decorate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Simulates 300 callers who wait for a window that admits 100, and draws when they come. The plot
 * of the documentation is the one that is drawn here; {@code -Djitter.plot=docs/jitter.svg} writes
 * it again.
 */
final class JitterPlotTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final int WAITERS = 300;
  private static final int LIMIT = 100;
  private static final int ROUNDS = 3;
  private static final int MILLIS = 45;
  private static final String[] COLOURS = {"#1f77b4", "#ff7f0e", "#2ca02c"};

  /** Arrivals in each millisecond after the end of each window. */
  private static int[][] arrivals(boolean jitter) {
    Random random = new Random(1);
    int[][] arrivals = new int[ROUNDS][MILLIS];
    int waiting = WAITERS;
    for (int round = 0; round < ROUNDS; round++) {
      for (int one = 0; one < waiting; one++) {
        long nanos = jitter ? random.nextLong(Turn.jitterBoundNanos(round)) : 0;
        arrivals[round][(int) (nanos / 1_000_000)]++;
      }
      waiting -= LIMIT;
    }
    return arrivals;
  }

  private static int most(int[][] arrivals) {
    return Arrays.stream(arrivals).flatMapToInt(Arrays::stream).max().orElseThrow();
  }

  private static String panel(String title, int[][] arrivals, int top) {
    StringBuilder svg = new StringBuilder();
    int most = most(arrivals);
    int floor = top + 150;
    svg.append(text(50, top - 8, "start", title));
    svg.append("<path d='M50 %d V%d H770' fill='none' stroke='#888'/>%n".formatted(top, floor));
    svg.append(text(44, top + 10, "end", "" + most)).append(text(44, floor, "end", "0"));
    for (int milli = 0; milli <= MILLIS; milli += 5) {
      svg.append(text(50 + milli * 16, floor + 16, "middle", milli + " ms"));
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int milli = 0; milli < MILLIS; milli++) {
        if (arrivals[round][milli] > 0) {
          double height = 140.0 * arrivals[round][milli] / most;
          svg.append(
              String.format(
                  Locale.ROOT,
                  "<rect x='%d' y='%.1f' width='4' height='%.1f' fill='%s'/>%n",
                  51 + milli * 16 + round * 5,
                  floor - height,
                  height,
                  COLOURS[round]));
        }
      }
    }
    return svg.toString();
  }

  private static String text(int x, int y, String anchor, String text) {
    return "<text x='%d' y='%d' text-anchor='%s'>%s</text>%n".formatted(x, y, anchor, text);
  }

  private static String plot() {
    StringBuilder svg =
        new StringBuilder(
            """
            <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 790 460' \
            font-family='sans-serif' font-size='12'>
            <rect width='790' height='460' fill='#fff'/>
            """);
    svg.append(panel("without jitter: arrivals per millisecond", arrivals(false), 30));
    svg.append(panel("with full jitter", arrivals(true), 230));
    for (int round = 0; round < ROUNDS; round++) {
      int x = 50 + round * 240;
      svg.append(
          "<rect x='%d' y='422' width='10' height='10' fill='%s'/>%n".formatted(x, COLOURS[round]));
      svg.append(
          text(
              x + 16,
              432,
              "start",
              "after the end of window %d: %d wait".formatted(round + 1, WAITERS - LIMIT * round)));
    }
    return svg.append("</svg>\n").toString().replace(System.lineSeparator(), "\n");
  }

  @Test
  void thePlotOfThePage_isOfTheBoundsInForce() throws Exception {
    assertEquals(WAITERS, most(arrivals(false)));
    assertTrue(most(arrivals(true)) < WAITERS / 5, "it spreads");
    String asked = System.getProperty("jitter.plot");
    if (asked != null) {
      Files.writeString(ROOT.resolve(asked), plot());
    }
    assertEquals(Files.readString(ROOT.resolve("docs/jitter.svg")), plot());
  }
}
