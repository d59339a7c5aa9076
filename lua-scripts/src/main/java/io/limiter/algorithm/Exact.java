package io.limiter.algorithm;

/** Integer arithmetic with the roundings that the limits need. Arguments are not negative. */
final class Exact {
  private Exact() {}

  static long ceilDiv(long a, long b) {
    return a / b + (a % b == 0 ? 0 : 1);
  }

  /**
   * The product, or {@link Long#MAX_VALUE} when it passes that. Where Lua's product passes 2^53 it
   * is rounded, but stays above every number it is then compared with: both say "too much".
   */
  static long product(long a, long b) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    return high != 0 || low < 0 ? Long.MAX_VALUE : low;
  }

  /** The whole part that falls to one of so many, but at least 1 of anything. */
  static long share(long all, int parts) {
    return Math.max(Math.min(all, 1), all / parts);
  }

  static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
