package io.limiter.jmh.load.pace;

import java.util.Locale;
import java.util.SplittableRandom;

/** How questions at a given rate follow each other. */
public enum Arrivals {
  /** At equal distances. */
  CONSTANT {
    @Override
    public Schedule at(double perSecond, long seed) {
      double distanceNanos = 1e9 / perSecond;
      return new Schedule() {
        private long count;

        @Override
        public long nextNanos() {
          // Multiplied, not added up: the thousandth question is due exactly when it is due.
          return (long) (count++ * distanceNanos);
        }
      };
    }
  },

  /** Independent of each other, as from many callers: at distances by the exponential law. */
  POISSON {
    @Override
    public Schedule at(double perSecond, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      return new Schedule() {
        private double due;

        @Override
        public long nextNanos() {
          due -= Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
          return (long) due;
        }
      };
    }
  };

  public abstract Schedule at(double perSecond, long seed);

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** When questions are due. */
  public interface Schedule {
    /** The next one, in nanoseconds after the start. */
    long nextNanos();
  }
}
