package io.limiter.server.rules.index;

/**
 * A tagged pointer in 64 bits, into a {@link WhenIndex}: to an entry with its residual conditions,
 * or to a node. A residual condition is one that the way to the entry has not proved.
 *
 * <p>A number and not an object: a search would wait for the memory of each object that it meets.
 */
final class Pointer {
  /** The residual of an entry whose conditions the way has proved. */
  static final int NO_RESIDUAL = 0;

  private Pointer() {}

  /**
   * To an entry.
   *
   * @param entry its index, 0 or more
   * @param residual the number of its residual conditions, 0 or more
   */
  static long toEntry(int entry, int residual) {
    return ((long) residual << Integer.SIZE) | entry;
  }

  /** To a node, by its number, 0 or more. */
  static long toNode(int number) {
    return ~(long) number;
  }

  static boolean isNode(long pointer) {
    return pointer < 0;
  }

  static int node(long pointer) {
    return (int) ~pointer;
  }

  static int entry(long pointer) {
    return (int) pointer;
  }

  static int residual(long pointer) {
    return (int) (pointer >>> Integer.SIZE);
  }
}
