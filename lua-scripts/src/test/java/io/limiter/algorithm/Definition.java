package io.limiter.algorithm;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an algorithm's definition says: the most cost that would be admitted, and the delay before
 * it. Remembers everything that was ever charged.
 */
interface Definition {
  /** The room at a time, rounded down; less than 0 when more is in use than is allowed. */
  BigInteger room(long now);

  void charge(long now, long cost);

  /** Gives back what was charged last, as far as it counts at a time. */
  void credit(long now, long cost);

  default BigInteger delay(long now) {
    return BigInteger.ZERO;
  }

  static BigInteger big(long value) {
    return BigInteger.valueOf(value);
  }

  static BigInteger ceilDiv(BigInteger a, BigInteger b) {
    return a.add(b).subtract(BigInteger.ONE).divide(b);
  }

  /** A cost and when it was charged. */
  record Charge(long at, long cost) {}

  final class WindowDefinition implements Definition {
    private final FixedWindow limit;
    private final Map<Long, BigInteger> counts = new HashMap<>();

    WindowDefinition(FixedWindow limit) {
      this.limit = limit;
    }

    @Override
    public BigInteger room(long now) {
      BigInteger count = counts.getOrDefault(limit.window().startOf(now), BigInteger.ZERO);
      return big(limit.limit()).subtract(count);
    }

    @Override
    public void charge(long now, long cost) {
      counts.merge(limit.window().startOf(now), big(cost), BigInteger::add);
    }

    @Override
    public void credit(long now, long cost) {
      counts.computeIfPresent(
          limit.window().startOf(now),
          (start, count) -> count.subtract(big(cost)).max(BigInteger.ZERO));
    }
  }

  final class LogDefinition implements Definition {
    private final SlidingLog limit;
    private final List<Charge> log = new ArrayList<>();

    LogDefinition(SlidingLog limit) {
      this.limit = limit;
    }

    @Override
    public BigInteger room(long now) {
      BigInteger room = big(limit.limit());
      for (Charge charge : log) {
        if (charge.at > now - limit.windowMicros() && charge.at <= now) {
          room = room.subtract(big(charge.cost));
        }
      }
      return room;
    }

    @Override
    public void charge(long now, long cost) {
      log.add(new Charge(now, cost));
    }

    @Override
    public void credit(long now, long cost) {
      long left = cost;
      for (int i = log.size() - 1; i >= 0 && log.get(i).at > now - limit.windowMicros(); i--) {
        Charge charge = log.get(i);
        long given = Math.min(left, charge.cost);
        log.set(i, new Charge(charge.at, charge.cost - given));
        left -= given;
      }
    }
  }

  /** previous × (W − elapsed) / W + current + c ≤ L, with W in whole units as the class says. */
  final class CounterDefinition implements Definition {
    private final SlidingCounter limit;
    private final Map<Long, BigInteger> counts = new HashMap<>();

    CounterDefinition(SlidingCounter limit) {
      this.limit = limit;
    }

    @Override
    public BigInteger room(long now) {
      long window = limit.windowMicros();
      long start = now - now % window;
      BigInteger previous = counts.getOrDefault(start - window, BigInteger.ZERO);
      BigInteger current = counts.getOrDefault(start, BigInteger.ZERO);
      BigInteger weighted = ceilDiv(previous.multiply(big(start + window - now)), big(window));
      return big(limit.limit()).subtract(current).subtract(weighted);
    }

    @Override
    public void charge(long now, long cost) {
      long window = limit.windowMicros();
      counts.merge(now - now % window, big(cost), BigInteger::add);
    }

    @Override
    public void credit(long now, long cost) {
      long window = limit.windowMicros();
      long start = now - now % window;
      BigInteger current = counts.getOrDefault(start, BigInteger.ZERO);
      BigInteger given = current.min(big(cost));
      BigInteger previous = counts.getOrDefault(start - window, BigInteger.ZERO);
      counts.put(start, current.subtract(given));
      counts.put(start - window, previous.subtract(big(cost).subtract(given)).max(BigInteger.ZERO));
    }
  }

  /** What is in use, times the period: exact without reducing the rate. */
  final class BucketDefinition implements Definition {
    private final Bucket bucket;
    private final boolean delays;
    private BigInteger used = BigInteger.ZERO;
    private long last;

    BucketDefinition(Bucket bucket, boolean delays) {
      this.bucket = bucket;
      this.delays = delays;
    }

    private BigInteger used(long now) {
      BigInteger free = big(now - last).multiply(big(bucket.rate()));
      return used.subtract(free).max(BigInteger.ZERO);
    }

    @Override
    public BigInteger room(long now) {
      BigInteger period = big(bucket.periodMicros());
      return big(bucket.capacity()).subtract(ceilDiv(used(now), period));
    }

    @Override
    public void charge(long now, long cost) {
      used = used(now).add(big(cost).multiply(big(bucket.periodMicros())));
      last = now;
    }

    @Override
    public void credit(long now, long cost) {
      BigInteger given = big(cost).multiply(big(bucket.periodMicros()));
      used = used(now).subtract(given).max(BigInteger.ZERO);
      last = now;
    }

    @Override
    public BigInteger delay(long now) {
      return delays ? ceilDiv(used(now), big(bucket.rate())) : BigInteger.ZERO;
    }
  }

  /**
   * Charges in a row, none later than the end of a hold after the one before, count together until
   * the last of them ends; and less what was given back meanwhile.
   */
  final class ConcurrencyDefinition implements Definition {
    private final ConcurrencyLimit limit;
    private final List<Charge> log = new ArrayList<>();

    ConcurrencyDefinition(ConcurrencyLimit limit) {
      this.limit = limit;
    }

    private BigInteger inUse(long now) {
      BigInteger inUse = BigInteger.ZERO;
      long end = 0;
      for (Charge charge : log) {
        inUse = charge.at >= end ? BigInteger.ZERO : inUse;
        if (charge.cost > 0) {
          end = charge.at + limit.holdMicros();
        }
        inUse = inUse.add(big(charge.cost)).max(BigInteger.ZERO);
      }
      return now >= end ? BigInteger.ZERO : inUse;
    }

    @Override
    public BigInteger room(long now) {
      return big(limit.limit()).subtract(inUse(now));
    }

    @Override
    public void charge(long now, long cost) {
      log.add(new Charge(now, cost));
    }

    @Override
    public void credit(long now, long cost) {
      log.add(new Charge(now, -cost));
    }
  }
}
