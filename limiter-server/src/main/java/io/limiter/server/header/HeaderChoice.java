package io.limiter.server.header;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which headers are sent, and how times are written in them. Immutable.
 *
 * @param groups which are sent
 * @param names how those of {@link HeaderGroup#RATELIMIT_LIMIT} are called
 * @param retryAfter how {@code Retry-After} is written
 * @param reset how the three that end in {@code -Reset} are written
 */
public record HeaderChoice(
    Set<HeaderGroup> groups, HeaderNames names, RetryAfter retryAfter, Reset reset) {

  /** What is sent unless told otherwise: the draft's headers, the older three, and Retry-After. */
  public static final Set<HeaderGroup> DEFAULT_GROUPS =
      Set.copyOf(
          EnumSet.of(HeaderGroup.RATELIMIT, HeaderGroup.X_RATELIMIT, HeaderGroup.RETRY_AFTER));

  public HeaderChoice {
    groups = Set.copyOf(groups);
  }

  /** All times in whole seconds from now on. */
  public static HeaderChoice inSeconds(Set<HeaderGroup> groups, HeaderNames names) {
    return new HeaderChoice(groups, names, RetryAfter.SECONDS, Reset.SECONDS);
  }

  /** How {@code Retry-After} is written. RFC 9110 has both forms. */
  public enum RetryAfter {
    /** Whole seconds from now on, rounded up. */
    SECONDS,
    /** A date of HTTP, by the clock of Redis, rounded up to a second. */
    DATE
  }

  /** How the time of a reset is written, of which no standard says anything. */
  public enum Reset {
    /** Whole seconds from now on, rounded up. */
    SECONDS,
    /** Seconds since 1970, by the clock of Redis, rounded up. */
    EPOCH
  }
}
