package io.limiter.client.decorate;

import io.limiter.client.Decision;
import io.limiter.client.RuleStatus;
import io.limiter.client.upstream.Observation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Which of an upstream's statements are news to the service. An observation costs a call, and most
 * of them say what the shared counter knows. Told is:
 *
 * <ul>
 *   <li>a block that lasts longer than the one that was told
 *   <li>a limit that is another
 *   <li>a window that began anew: its end has moved by more than a second, which is as fine as
 *       headers are
 *   <li>that less remains than the admission said; every 25 ms at most, unless nothing remains
 *   <li>anything every 5 seconds, so that it is not forgotten
 * </ul>
 *
 * <p>Nothing is told of a unit that no rule counts. Thread-safe.
 */
final class Told {
  private static final long LEAST_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long LONGEST_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long SAME_WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * How much later the end of a window is told. The first answer of a window comes a moment after
   * its beginning, so its length is taken for a moment too short, and the end of the next would be
   * expected too soon.
   */
  private static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long SAME_BLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Of each unit. */
  private final Map<String, Last> last = new HashMap<>();

  /** What was told last. Times are those of {@code System.nanoTime}. */
  private record Last(long atNanos, OptionalLong limit, long resetNanos, long blockedNanos) {
    static Last nothing(long nowNanos) {
      return new Last(nowNanos, OptionalLong.empty(), nowNanos, nowNanos);
    }
  }

  /**
   * Takes what is to be told.
   *
   * @param decision by which the call went ahead
   */
  synchronized List<Observation> news(List<Observation> said, Decision decision, long nowNanos) {
    Set<String> units =
        decision.statuses().stream().map(RuleStatus::unit).collect(Collectors.toSet());
    List<Observation> news = new ArrayList<>(said.size());
    for (Observation one : said) {
      if (units.isEmpty() || units.contains(one.unit())) {
        tell(one, decision, nowNanos, news);
      } else if (one.unit().isEmpty() && one.blockedFor().isPresent()) {
        // No rule counts requests, but the upstream takes none.
        Observation block = Observation.blocked(one.blockedFor().get());
        units.forEach(unit -> tell(block.withUnit(unit), decision, nowNanos, news));
      }
    }
    return news;
  }

  /** It did not arrive, so it is news again. */
  synchronized void forget(Observation lost) {
    last.remove(lost.unit());
  }

  private void tell(Observation one, Decision decision, long nowNanos, List<Observation> news) {
    Last before = last.get(one.unit());
    if (before == null || isNews(one, before, decision, nowNanos)) {
      Last known = before == null ? Last.nothing(nowNanos) : before;
      last.put(
          one.unit(),
          new Last(
              nowNanos,
              one.limit().isPresent() ? one.limit() : known.limit,
              one.resetAfter().map(time -> nowNanos + Turn.nanos(time)).orElse(known.resetNanos),
              one.blockedFor()
                  .map(time -> nowNanos + Turn.nanos(time))
                  .orElse(known.blockedNanos)));
      news.add(withMargin(one));
    }
  }

  /** What begins before the upstream's own window does is refused for certain. */
  private static Observation withMargin(Observation one) {
    return one.resetAfter()
        .map(time -> time.plusNanos(MARGIN_NANOS))
        .filter(time -> time.compareTo(Observation.LONGEST) <= 0)
        .map(
            time ->
                new Observation(
                    one.unit(), one.limit(), one.remaining(), Optional.of(time), one.blockedFor()))
        .orElse(one);
  }

  private static boolean isNews(Observation one, Last before, Decision decision, long nowNanos) {
    if (one.blockedFor().isPresent()) {
      long end = nowNanos + Turn.nanos(one.blockedFor().get());
      return end - before.blockedNanos > SAME_BLOCK_NANOS;
    }
    if (one.limit().isPresent() && !one.limit().equals(before.limit)) {
      return true;
    }
    if (one.remaining().isEmpty()) {
      return false;
    }
    long passed = nowNanos - before.atNanos;
    long end = nowNanos + Turn.nanos(one.resetAfter().orElseThrow());
    if (passed >= LONGEST_PERIOD_NANOS || end - before.resetNanos > SAME_WINDOW_NANOS) {
      return true;
    }
    long remaining = one.remaining().getAsLong();
    OptionalLong known = decision.remaining(one.unit());
    return known.isPresent()
        && remaining < known.getAsLong()
        && (remaining == 0 || passed >= LEAST_PERIOD_NANOS);
  }
}
