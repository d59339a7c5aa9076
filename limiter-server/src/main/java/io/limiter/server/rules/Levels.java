package io.limiter.server.rules;

import java.util.List;
import java.util.Map;

/**
 * How much of a rule's limit requests of a priority may fill, and from where on answers say how
 * full it is. Shares are in basis points, 1 to 10000, of the rule's whole limit.
 *
 * @param whole the rule's limit
 * @param priorities the share that a request of each priority may fill, {@link #DEFAULT} among
 *     them; empty if all may fill all
 * @param degradeAbove the share above which an admission tells to make do with less; 10000 for none
 * @param soft the shares that answers tell when they are reached, in ascending order
 */
public record Levels(
    long whole, Map<String, Integer> priorities, int degradeAbove, List<Integer> soft) {
  /** The priority of requests that have none, or one that the rule does not name. */
  public static final String DEFAULT = "default";

  /** Everybody may fill all of it, and nothing is told. */
  public static final Levels NONE = new Levels(0, Map.of(), Rule.Mode.ALL, List.of());

  public Levels {
    priorities = Map.copyOf(priorities);
    soft = List.copyOf(soft);
  }

  /**
   * Where a counter stands.
   *
   * @param soft the highest soft limit that is reached, in basis points; 0 for none
   * @param crossed whether the question that was answered is the one that reached it
   * @param degrade whether more is used than what admissions tell to make do with less above
   */
  public record Level(int soft, boolean crossed, boolean degrade) {
    public static final Level NONE = new Level(0, false, false);
  }

  /** Whether these are of no effect. */
  public boolean isNone() {
    return priorities.isEmpty() && degradeAbove == Rule.Mode.ALL && soft.isEmpty();
  }

  /** The same of another limit. */
  public Levels of(long limit) {
    return isNone() ? NONE : new Levels(limit, priorities, degradeAbove, soft);
  }

  /** The most that requests of a priority may use at once. */
  public long most(String priority) {
    Integer share = priorities.get(priority);
    if (share == null) {
      share = priorities.getOrDefault(DEFAULT, Rule.Mode.ALL);
    }
    return part(share);
  }

  /**
   * Where a counter stands.
   *
   * @param used what is in use, with what was charged
   * @param charged what the question was charged; 0 for nothing
   */
  public Level at(long used, long charged) {
    int reached = 0;
    boolean crossed = false;
    for (int share : soft) {
      long from = Math.max(1, whole - part(Rule.Mode.ALL - share));
      if (used >= from) {
        reached = share;
        crossed = used - charged < from;
      }
    }
    return new Level(reached, crossed, degradeAbove < Rule.Mode.ALL && used > part(degradeAbove));
  }

  /** A share of the limit, rounded down. */
  private long part(int basisPoints) {
    return whole / Rule.Mode.ALL * basisPoints
        + whole % Rule.Mode.ALL * basisPoints / Rule.Mode.ALL;
  }
}
