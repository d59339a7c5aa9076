package io.limiter.server.rules.index;

/**
 * Where a path through a {@link WhenIndex} leads, in 64 bits: to an entry and what it still wants,
 * or to a node. A number in place of an object, as an object would be one more piece of memory to
 * wait for in every search.
 */
final class Target {
  /** The number of no conditions at all: the path has proved the entry's. */
  static final int NOTHING = 0;

  private Target() {}

  /**
   * An entry.
   *
   * @param place of the entry, 0 or more
   * @param wants the number of the conditions that the path has not proved, 0 or more
   */
  static long entry(int place, int wants) {
    return ((long) wants << Integer.SIZE) | place;
  }

  /** A node, by its number, 0 or more. */
  static long node(int number) {
    return ~(long) number;
  }

  static boolean isNode(long target) {
    return target < 0;
  }

  static int nodeNumber(long target) {
    return (int) ~target;
  }

  static int place(long target) {
    return (int) target;
  }

  static int wants(long target) {
    return (int) (target >>> Integer.SIZE);
  }
}
