package io.limiter.server.store.deny;

import io.limiter.server.store.Charge;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The cached denials of questions that differ only in their costs, the newest first.
 *
 * @param all 1 to {@value #MOST}: enough for the costs that callers usually have, and few enough to
 *     search
 */
record Denials(List<Denial> all) {
  static final int MOST = 4;

  static Denials of(Denial denial) {
    return new Denials(List.of(denial));
  }

  int count() {
    return all.size();
  }

  /** The one that answers now, if there is one. */
  @Nullable Denial find(List<Charge.Entry> asked, long generation, long nowNanos) {
    for (int i = 0; i < all.size(); i++) {
      Denial denial = all.get(i);
      if (denial.lasts(generation, nowNanos) && denial.answers(asked)) {
        return denial;
      }
    }
    return null;
  }

  /** With a newer one, and without those that it replaces, that are over or that are too many. */
  Denials with(Denial newest, long nowNanos) {
    Stream<Denial> others =
        all.stream()
            .filter(
                denial ->
                    denial.lasts(newest.generation(), nowNanos)
                        && !newest.answers(denial.entries()));
    return new Denials(Stream.concat(Stream.of(newest), others).limit(MOST).toList());
  }
}
