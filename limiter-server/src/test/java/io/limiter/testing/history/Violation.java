package io.limiter.testing.history;

import io.limiter.algorithm.Bucket;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Something that nothing explains.
 *
 * @param law which law is broken
 * @param key at which counter
 * @param what by how much
 * @param events those that show it
 */
public record Violation(Law law, String key, String what, List<Event> events) {
  private static final int MOST_SHOWN = 60;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** What must be true. */
  public enum Law {
    /** A counter admits no more than its limit, or its share of it. */
    OVER_LIMIT,
    /** No part of a window's limit is given to two. */
    GIVEN_TWICE,
    /** A counter has seen all that was charged to it. */
    FORGOTTEN,
    /** A counter has seen nothing else. */
    INVENTED,
    /** What Redis lost is no more than its limit, for each time that it lost something. */
    LOST_TOO_MUCH,
    /** A Redis that is away decides nothing. */
    REDIS_WAS_AWAY,
    /** While Redis is away, each rule answers as it says. */
    OTHER_ANSWER;

    /** Whether it holds also where the limit changes, but is never more than was said. */
    boolean holdsBelow() {
      return this != GIVEN_TWICE && this != INVENTED;
    }
  }

  /** The story: the law, by how much, and the events of the counter in their order. */
  @Override
  public String toString() {
    StringBuilder story = new StringBuilder();
    story.append("%s at %s: %s%n".formatted(law, key, what));
    List<Event> inOrder = events.stream().sorted(Comparator.comparingLong(Event::asked)).toList();
    int hidden = Math.max(0, inOrder.size() - MOST_SHOWN);
    if (hidden > 0) {
      story.append("  (%d before)%n".formatted(hidden));
    }
    inOrder.subList(hidden, inOrder.size()).forEach(event -> story.append(line(event)));
    return story.toString();
  }

  private static String line(Event event) {
    Event.Answer answer = event.answer();
    return "  %s +%d us  %-4s asked for %d: %s by %s, %d left, as new after %d us%n"
        .formatted(
            time(event.asked()),
            event.answered() - event.asked(),
            event.instance(),
            event.cost(),
            answer.admitted() ? "admitted" : "denied",
            answer.by(),
            answer.remaining(),
            answer.resetAfter());
  }

  static String shown(Limit limit) {
    if (limit instanceof FixedWindow fixed) {
      return "%d in each window of %s".formatted(fixed.limit(), fixed.window());
    }
    if (limit instanceof SlidingLog log) {
      return "%d in any %d us".formatted(log.limit(), log.windowMicros());
    }
    Bucket bucket =
        limit instanceof TokenBucket token ? token.bucket() : ((LeakyBucket) limit).bucket();
    return "%d at once and %d in %d us"
        .formatted(bucket.capacity(), bucket.rate(), bucket.periodMicros());
  }

  static String time(long micros) {
    return TIME.format(Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1_000));
  }

  static List<Event> events(Charges charges) {
    return charges.byEarliest().stream().map(Charge::event).toList();
  }
}
