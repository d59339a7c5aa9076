package io.limiter.jmh.load.traffic;

import java.util.SplittableRandom;

/**
 * Draws ranks by Zipf's law in constant time, by the alias method (Walker 1977, built as Vose 1991
 * does). Each column holds one rank up to a level, and another one above it.
 */
final class ZipfTable {
  static final ZipfTable NONE = new ZipfTable(new double[0], new int[0]);

  private final double[] levels;
  private final int[] aliases;

  private ZipfTable(double[] levels, int[] aliases) {
    this.levels = levels;
    this.aliases = aliases;
  }

  static ZipfTable of(int count, double exponent) {
    double[] levels = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      levels[i] = Math.pow(i + 1.0, -exponent);
      sum += levels[i];
    }
    int[] small = new int[count];
    int[] large = new int[count];
    int smalls = 0;
    int larges = 0;
    for (int i = 0; i < count; i++) {
      levels[i] *= count / sum;
      if (levels[i] < 1) {
        small[smalls++] = i;
      } else {
        large[larges++] = i;
      }
    }
    int[] aliases = new int[count];
    while (smalls > 0 && larges > 0) {
      int less = small[--smalls];
      int more = large[larges - 1];
      aliases[less] = more;
      levels[more] -= 1 - levels[less];
      if (levels[more] < 1) {
        larges--;
        small[smalls++] = more;
      }
    }
    // What is left stands at 1 but for rounding.
    while (smalls > 0) {
      levels[small[--smalls]] = 1;
    }
    while (larges > 0) {
      levels[large[--larges]] = 1;
    }
    return new ZipfTable(levels, aliases);
  }

  int draw(SplittableRandom random) {
    int column = random.nextInt(levels.length);
    return random.nextDouble() < levels[column] ? column : aliases[column];
  }
}
