package io.limiter.script;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import java.util.List;

/** A limit as the scripts read it: a row of a letter and numbers, as {@code decide.lua} says. */
final class LimitRow {
  private LimitRow() {}

  /** Writes the row; calendar windows are those around a time. */
  static void write(Limit limit, long aroundMicros, List<String> out) {
    if (limit instanceof FixedWindow fixed && fixed.window() instanceof Window.Span span) {
      row(out, "f", fixed.limit(), span.micros());
    } else if (limit instanceof FixedWindow fixed) {
      long start = fixed.window().startOf(aroundMicros);
      long end = fixed.window().endOf(aroundMicros);
      row(
          out,
          "F",
          fixed.limit(),
          fixed.window().startOf(start - 1),
          start,
          end,
          fixed.window().endOf(end));
    } else if (limit instanceof SlidingLog log) {
      row(out, "l", log.limit(), log.windowMicros());
    } else if (limit instanceof SlidingCounter c) {
      row(out, "c", c.limit(), c.windowMicros(), c.unitMicros(), c.windowUnits());
    } else if (limit instanceof TokenBucket t) {
      row(out, "t", t.most(), t.bucket().unitsPerMicro(), t.bucket().unitsPerToken());
    } else if (limit instanceof LeakyBucket b) {
      row(out, "b", b.most(), b.bucket().unitsPerMicro(), b.bucket().unitsPerToken());
    }
  }

  private static void row(List<String> out, String letter, long... numbers) {
    out.add(letter);
    for (long number : numbers) {
      out.add(Long.toString(number));
    }
  }
}
