package io.limiter.ledger;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import java.util.List;

/**
 * Ends holds of one name, or renews them.
 *
 * @param name of the holds
 * @param holds of distinct counters
 */
public record Ending(What what, String name, List<Hold> holds) {
  public Ending {
    holds = List.copyOf(holds);
  }

  /** How holds end. */
  public enum What {
    /** The real number takes the place of what was held. */
    SETTLE,
    /** Nothing was used. */
    RELEASE,
    /** They go on, and may grow. */
    EXTEND
  }

  /**
   * One of them.
   *
   * @param key of its counter
   * @param amount what was really used; to extend how much more is wanted, 0 for none; else 0
   * @param micros to extend: for how long from now, in microseconds; else 0
   * @param number which hold of its counter, {@link Held#number}
   * @param expiresMicros when it expired at first, {@link Held#expiresMicros}
   */
  public record Hold(
      String key, Limit limit, long amount, long micros, long number, long expiresMicros) {}

  /** How a hold stood when its end was asked for. */
  public enum State {
    /** It had not ended. */
    ENDED,
    /** It had been ended before. */
    ENDED_BEFORE,
    /** It had expired, but was still known. */
    EXPIRED,
    /** It is not known. */
    UNKNOWN
  }

  /**
   * What became of one hold.
   *
   * @param outcome what its counter says now: of what was wanted more, if that was refused. Of no
   *     meaning for what was released
   * @param held what the counter holds; of this hold when it expires, and no number
   * @param ended what this hold held until it ended by this; 0 if it did not
   */
  public record Ended(State state, Outcome outcome, Held held, long ended) {}

  /**
   * What became of all.
   *
   * @param extended whether they were renewed
   * @param holds what became of each, in order
   */
  public record Result(boolean extended, List<Ended> holds) {
    public Result {
      holds = List.copyOf(holds);
    }
  }
}
