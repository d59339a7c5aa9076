package io.limiter.script;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.LimitRow;
import java.util.List;

/** Writes the rows of limits among a script's arguments. */
final class Rows {
  private Rows() {}

  /** Adds the row of a limit, with calendar windows around a time. */
  static void add(Limit limit, long aroundMicros, List<String> out) {
    LimitRow row = limit.row(aroundMicros);
    out.add(String.valueOf(row.letter()));
    for (long number : row.numbers()) {
      out.add(Long.toString(number));
    }
  }
}
