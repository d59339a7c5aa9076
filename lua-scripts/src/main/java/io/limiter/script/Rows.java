package io.limiter.script;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.LimitRow;
import io.limiter.share.ShareTerms;
import io.limiter.share.SharedLimit;
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

  /** What stands before the row of a pool that tenants share. */
  static List<String> head(SharedLimit limit) {
    ShareTerms terms = limit.terms();
    return List.of(
        "S",
        limit.tenant(),
        Integer.toString(terms.guarantee()),
        Integer.toString(terms.weight()),
        terms.borrows() ? "1" : "0");
  }
}
