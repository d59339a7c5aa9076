package io.limiter.server.rules;

import io.limiter.algorithm.Bucket;
import io.limiter.algorithm.Durations;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;

/** A limit on one line: {@code token-bucket 100/s, burst 200}, {@code sliding-log 5 per 1m}. */
public final class LimitText {
  private LimitText() {}

  public static String of(Limit limit) {
    return limit.algorithm().label() + ' ' + numbers(limit);
  }

  private static String numbers(Limit limit) {
    if (limit instanceof TokenBucket token) {
      return rate(token.bucket()) + ", burst " + limit.most();
    }
    if (limit instanceof LeakyBucket leaky) {
      return rate(leaky.bucket()) + ", capacity " + limit.most();
    }
    if (limit instanceof FixedWindow fixed) {
      return limit.most() + " per " + fixed.window();
    }
    if (limit instanceof SlidingLog || limit instanceof SlidingCounter) {
      return limit.most() + " per " + Durations.show(limit.windowMicros(0));
    }
    throw new IllegalStateException("a limit of another kind: " + limit);
  }

  private static String rate(Bucket bucket) {
    String period = Durations.show(bucket.periodMicros());
    return bucket.rate() + "/" + period.replaceFirst("^1(?=[a-z])", "");
  }
}
