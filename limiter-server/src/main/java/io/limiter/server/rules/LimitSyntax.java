package io.limiter.server.rules;

import com.google.common.collect.ImmutableList;
import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Bucket;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.Durations;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import java.util.List;
import java.util.Optional;

/**
 * How rules files write the limits of each algorithm: which fields it takes, the limit that they
 * make, and that limit in words.
 *
 * <p>Nothing else in the rules tells algorithms apart. A new algorithm is a constant here; {@link
 * #of} does not compile without one, and a constant does not without its methods.
 */
public enum LimitSyntax {
  FIXED_WINDOW(
      List.of(LimitField.LIMIT, LimitField.WINDOW), List.of(LimitField.ZONE, LimitField.FROM)) {
    @Override
    public Limit limit(Numbers numbers) {
      return new FixedWindow(numbers.count(LimitField.LIMIT), numbers.window());
    }

    @Override
    String numbers(Limit limit, long scale) {
      FixedWindow fixed = (FixedWindow) limit;
      return limit.limit() / scale + (fixed.resets() ? " per " + fixed.window() : ", never reset");
    }

    @Override
    public Optional<String> leaseRefusal() {
      return Optional.empty();
    }
  },

  SLIDING_LOG(List.of(LimitField.LIMIT, LimitField.WINDOW), List.of()) {
    @Override
    public Limit limit(Numbers numbers) {
      return new SlidingLog(numbers.count(LimitField.LIMIT), numbers.windowMicros());
    }

    @Override
    String numbers(Limit limit, long scale) {
      return perWindow(limit, scale);
    }

    @Override
    public Optional<String> leaseRefusal() {
      return Optional.of(lateUse(Algorithm.SLIDING_LOG));
    }
  },

  SLIDING_COUNTER(List.of(LimitField.LIMIT, LimitField.WINDOW), List.of()) {
    @Override
    public Limit limit(Numbers numbers) {
      return new SlidingCounter(numbers.count(LimitField.LIMIT), numbers.windowMicros());
    }

    @Override
    String numbers(Limit limit, long scale) {
      return perWindow(limit, scale);
    }

    @Override
    public Optional<String> leaseRefusal() {
      return Optional.of(lateUse(Algorithm.SLIDING_COUNTER));
    }
  },

  TOKEN_BUCKET(List.of(LimitField.RATE), List.of(LimitField.BURST)) {
    @Override
    public Limit limit(Numbers numbers) {
      Rate rate = numbers.rate();
      return TokenBucket.of(
          rate.amount(), rate.periodMicros(), numbers.countOr(LimitField.BURST, rate.amount()));
    }

    @Override
    String numbers(Limit limit, long scale) {
      return rate(((TokenBucket) limit).bucket(), scale) + ", burst " + limit.limit() / scale;
    }

    @Override
    public LimitField capacityField() {
      return LimitField.BURST;
    }

    @Override
    public Optional<String> leaseRefusal() {
      return Optional.empty();
    }
  },

  LEAKY_BUCKET(List.of(LimitField.RATE, LimitField.CAPACITY), List.of()) {
    @Override
    public Limit limit(Numbers numbers) {
      Rate rate = numbers.rate();
      return LeakyBucket.of(rate.amount(), rate.periodMicros(), numbers.count(LimitField.CAPACITY));
    }

    @Override
    String numbers(Limit limit, long scale) {
      return rate(((LeakyBucket) limit).bucket(), scale) + ", capacity " + limit.limit() / scale;
    }

    @Override
    public Optional<String> leaseRefusal() {
      return Optional.of(
          "lease does not belong to leaky-bucket: what is used later than it was charged is no"
              + " longer spaced evenly; use token-bucket, or remove lease");
    }
  },

  CONCURRENCY(List.of(LimitField.LIMIT, LimitField.HOLD), List.of()) {
    @Override
    public Limit limit(Numbers numbers) {
      return new ConcurrencyLimit(numbers.count(LimitField.LIMIT), numbers.holdMicros());
    }

    @Override
    String numbers(Limit limit, long scale) {
      return limit.limit() / scale + " at once, hold " + Durations.show(limit.windowMicros(0));
    }

    @Override
    public Optional<String> leaseRefusal() {
      return Optional.of(
          "lease does not belong to concurrency: what an instance holds ahead of need nobody else"
              + " could hold meanwhile; use fixed-window or token-bucket, or remove lease");
    }
  };

  private final ImmutableList<LimitField> required;
  private final ImmutableList<LimitField> fields;

  LimitSyntax(List<LimitField> required, List<LimitField> optional) {
    this.required = ImmutableList.copyOf(required);
    this.fields = ImmutableList.<LimitField>builder().addAll(required).addAll(optional).build();
  }

  /** The numbers that a file gives, by their fields. Those that are required are there. */
  public interface Numbers {
    /** A count that is required. */
    long count(LimitField field);

    /** A count that need not be given. */
    long countOr(LimitField field, long otherwise);

    Rate rate();

    /** In the time zone of the file. */
    Window window();

    /** The window's length, for an algorithm without calendar windows. */
    long windowMicros();

    /** How long a hold lasts, 1 ms to 366 days. */
    long holdMicros();
  }

  /** The syntax of an algorithm. */
  public static LimitSyntax of(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW -> FIXED_WINDOW;
      case SLIDING_LOG -> SLIDING_LOG;
      case SLIDING_COUNTER -> SLIDING_COUNTER;
      case TOKEN_BUCKET -> TOKEN_BUCKET;
      case LEAKY_BUCKET -> LEAKY_BUCKET;
      case CONCURRENCY -> CONCURRENCY;
    };
  }

  /**
   * A rule's limit on one line: {@code token-bucket 100/s, burst 200}, {@code sliding-log 5 per
   * 1m}.
   */
  public static String text(Rule rule) {
    Algorithm algorithm = rule.limit().algorithm();
    return algorithm.label() + ' ' + of(algorithm).numbers(rule.limit(), rule.tariff().scale());
  }

  /** The fields that a limit needs. */
  public List<LimitField> required() {
    return required;
  }

  /**
   * All fields that it takes: first those that it needs. Calendar windows are for those that take
   * {@link LimitField#ZONE}.
   */
  public List<LimitField> fields() {
    return fields;
  }

  /** The field that gives a bucket's capacity. */
  public LimitField capacityField() {
    return LimitField.CAPACITY;
  }

  /**
   * The limit that the numbers make.
   *
   * @throws io.limiter.algorithm.LimitOutOfBoundsException when a number is out of range
   */
  public abstract Limit limit(Numbers numbers);

  /**
   * Its numbers in words, for a limit of this algorithm.
   *
   * @param scale how many parts of a unit, which it counts, make one
   */
  abstract String numbers(Limit limit, long scale);

  /** Why the algorithm's counters cannot be leased, and what to do; empty if they can. */
  public abstract Optional<String> leaseRefusal();

  private static String perWindow(Limit limit, long scale) {
    return limit.limit() / scale + " per " + Durations.show(limit.windowMicros(0));
  }

  private static String rate(Bucket bucket, long scale) {
    String period = Durations.show(bucket.periodMicros());
    return bucket.rate() / scale + "/" + period.replaceFirst("^1(?=[a-z])", "");
  }

  private static String lateUse(Algorithm algorithm) {
    return ("lease does not belong to %s: what is used later than it was charged would let more"
            + " than the limit pass in some window; use fixed-window or token-bucket, or remove"
            + " lease")
        .formatted(algorithm.label());
  }
}
