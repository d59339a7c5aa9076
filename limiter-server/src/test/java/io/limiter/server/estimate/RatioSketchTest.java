package io.limiter.server.estimate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RatioSketchTest {
  private static final int[] PERCENTS = {1, 50, 90, 95, 99, 100};

  private static double exact(double[] sorted, int percent) {
    double within = sorted[(sorted.length * percent + 99) / 100 - 1];
    return Math.min(1, Math.max(RatioSketch.LEAST, within));
  }

  @Test
  void aQuantile_isNeverTooLow_andTooHighByItsErrorAtMost() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      RatioSketch sketch = new RatioSketch();
      double[] shares = new double[1 + random.nextInt(RatioSketch.MOST)];
      // Near each other, far apart, and beyond both ends.
      double middle = Math.pow(2, -8 * random.nextDouble());
      double width = 3 * random.nextDouble();
      for (int i = 0; i < shares.length; i++) {
        shares[i] = middle * Math.pow(2, width * random.nextGaussian());
        sketch.add(shares[i]);
      }
      Arrays.sort(shares);
      for (int percent : PERCENTS) {
        double exact = exact(shares, percent);
        double told = sketch.quantile(percent);
        String what = "seed " + seed + ", p" + percent + ": " + told + " of " + exact;
        assertTrue(told >= exact, what);
        assertTrue(told <= exact * (1 + RatioSketch.ERROR) * (1 + 1e-12), what);
      }
    }
  }

  @Test
  void whatIsAtAnEnd_orBeyond_isAsTheEnd() {
    for (double share : new double[] {0, 1e-9, 1.0 / 64}) {
      RatioSketch sketch = new RatioSketch();
      sketch.add(share);
      assertEquals(1.0 / 64, sketch.quantile(99));
    }
    for (double share : new double[] {0.99, 1, 1.01, 1e300, Double.POSITIVE_INFINITY}) {
      RatioSketch sketch = new RatioSketch();
      sketch.add(share);
      assertEquals(1, sketch.quantile(50));
    }
    assertEquals(1, new RatioSketch().quantile(50));
  }

  @Test
  void oldShares_fade() {
    RatioSketch sketch = new RatioSketch();
    for (int i = 0; i < 100_000; i++) {
      sketch.add(1);
      assertTrue(sketch.total() <= RatioSketch.MOST);
    }
    for (int i = 0; i < RatioSketch.MOST / 2; i++) {
      sketch.add(0.25);
    }
    assertEquals(1, sketch.quantile(90), "half of it at least is new");
    for (int i = 0; i < 12 * RatioSketch.MOST; i++) {
      sketch.add(0.25);
    }
    assertEquals(0.25, sketch.quantile(100), "nothing is left of the old ones");
  }
}
