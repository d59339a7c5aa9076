package io.limiter.algorithm;

import java.util.List;

/**
 * Sliding counter: two fixed windows, the earlier weighted by how much of it still overlaps the
 * last window's length.
 *
 * <p>Admits a cost c when {@code previous * (W - elapsed) / W + current + c <= limit}, compared
 * without division as {@code previous * (W - elapsed) <= (limit - current - c) * W}. Approximates
 * the sliding log in constant space by taking the earlier window's traffic as evenly spread.
 *
 * <p>Where {@code limit * W} in microseconds would pass 2^52, W and elapsed are measured in a
 * coarser unit, never coarser than a millionth of the window. W is then rounded up and elapsed
 * down, so the weight is never less than the definition's.
 *
 * <p>Source: the approximation published by Cloudflare, "How we built rate limiting capable of
 * scaling to millions of domains" (2017).
 *
 * @param limit the most cost in a window, 0 (nothing passes) to 2^52
 * @param windowMicros the window's length, 1 ms to 366 days
 */
public record SlidingCounter(long limit, long windowMicros) implements Limit {
  public SlidingCounter {
    Bounds.checkCount("limit", limit, 0);
    Bounds.checkWindow("window", windowMicros);
    if (unit(limit, windowMicros) > coarsest(windowMicros)) {
      long most = Bounds.MAX_PRODUCT / Exact.ceilDiv(windowMicros, coarsest(windowMicros));
      throw new LimitOutOfBoundsException(
          "limit",
          "limit %d with window %s passes 2^52; use a limit of at most %d or another algorithm"
              .formatted(limit, Durations.show(windowMicros), most));
    }
  }

  /**
   * The unit, in microseconds, that elapsed time is rounded down to: 1 unless the limit is huge.
   */
  public long unitMicros() {
    return unit(limit, windowMicros);
  }

  /** The window's length in units, rounded up. */
  public long windowUnits() {
    return Exact.ceilDiv(windowMicros, unitMicros());
  }

  private static long unit(long limit, long windowMicros) {
    if (limit == 0) {
      return 1;
    }
    return Exact.ceilDiv(windowMicros, Math.max(1, Bounds.MAX_PRODUCT / limit));
  }

  private static long coarsest(long windowMicros) {
    return Math.max(1, windowMicros / 1_000_000);
  }

  @Override
  public Algorithm algorithm() {
    return Algorithm.SLIDING_COUNTER;
  }

  @Override
  public long windowMicros(long nowMicros) {
    return windowMicros;
  }

  @Override
  public LimitRow row(long aroundMicros) {
    return new LimitRow(algorithm().letter(), limit, windowMicros, unitMicros(), windowUnits());
  }

  @Override
  public void identify(Identity out) {
    out.add(windowMicros);
  }

  @Override
  public SlidingCounter share(int instances) {
    return new SlidingCounter(Exact.share(limit, instances), windowMicros);
  }

  @Override
  public SlidingCounter upTo(long most) {
    return new SlidingCounter(most, windowMicros);
  }

  @Override
  public Step decide(CounterState before, long cost, long nowMicros) {
    State counted = counted(before, nowMicros);
    long now = counted.lastMicros;
    long start = now - now % windowMicros;
    long previous = counted.previous;
    long current = counted.current;
    long storedEnd = now < before.endMicros() ? before.endMicros() : Long.MAX_VALUE;
    long window = windowUnits();
    long weighted = Exact.product(previous, window - (now - start) / unitMicros());
    if (current <= limit - cost && weighted <= (limit - current - cost) * window) {
      return admit(before, counted, cost, nowMicros, weighted, storedEnd);
    }
    long remaining = remaining(current, weighted, window);
    long reset = resetAt(start, previous, current, storedEnd, nowMicros);
    if (cost > limit) {
      return new Step(new Outcome.Never(remaining, reset), before);
    }
    long admittedAt = Math.min(admittedAt(cost, start, previous, current), storedEnd);
    return new Step(new Outcome.Denied(remaining, reset, admittedAt - nowMicros), before);
  }

  /** What counts at the counter's time, as the state of a charge then. */
  private State counted(CounterState before, long nowMicros) {
    if (!(before instanceof State state)) {
      return new State(nowMicros, windowMicros, 0, 0);
    }
    long now = Math.max(nowMicros, state.lastMicros);
    long age = now - now % windowMicros - (state.lastMicros - state.lastMicros % windowMicros);
    if (now >= state.endMicros() || age > windowMicros) {
      return new State(now, windowMicros, 0, 0);
    }
    return age == 0
        ? new State(now, windowMicros, state.previous, state.current)
        : new State(now, windowMicros, state.current, 0);
  }

  private Step admit(
      CounterState before,
      State counted,
      long cost,
      long nowMicros,
      long weighted,
      long storedEnd) {
    long now = counted.lastMicros;
    long used = counted.current + cost;
    long remaining = remaining(used, weighted, windowUnits());
    if (cost == 0) {
      long start = now - now % windowMicros;
      long reset = resetAt(start, counted.previous, used, storedEnd, nowMicros);
      return new Step(new Outcome.Admitted(remaining, reset, 0), before);
    }
    State after = new State(now, windowMicros, counted.previous, used);
    return new Step(new Outcome.Admitted(remaining, after.endMicros() - nowMicros, 0), after);
  }

  private long remaining(long current, long weighted, long window) {
    long left = limit - current;
    if (left <= 0 || weighted >= left * window) {
      return 0;
    }
    return left - Exact.ceilDiv(weighted, window);
  }

  private long resetAt(long start, long previous, long current, long storedEnd, long nowMicros) {
    if (current == 0 && previous == 0) {
      return 0;
    }
    return Math.min(start + (current > 0 ? 2 : 1) * windowMicros, storedEnd) - nowMicros;
  }

  /** The first moment at which {@code cost}, no more than the limit, is admitted. */
  private long admittedAt(long cost, long start, long previous, long current) {
    long window = windowUnits();
    if (current <= limit - cost) {
      long elapsed = elapsedUntil((limit - current - cost) * window / previous);
      if (elapsed < windowMicros) {
        return start + elapsed;
      }
    }
    long next = start + windowMicros;
    if (current <= limit - cost) {
      return next;
    }
    long elapsed = elapsedUntil((limit - cost) * window / current);
    return next + Math.min(elapsed, windowMicros);
  }

  /** The elapsed time from which no more than {@code units} of the earlier window still weigh. */
  private long elapsedUntil(long units) {
    return (windowUnits() - units) * unitMicros();
  }

  /** From the current count, then from the one before. */
  @Override
  public Step credit(CounterState before, long cost, long nowMicros) {
    CounterState after =
        cost > 0 && before instanceof State state ? credited(state, cost, nowMicros) : before;
    return Step.credited(this, after, nowMicros);
  }

  private CounterState credited(State state, long cost, long nowMicros) {
    long now = Math.max(nowMicros, state.lastMicros);
    long age = now - now % windowMicros - (state.lastMicros - state.lastMicros % windowMicros);
    boolean isCurrent = age == 0;
    long inUse = isCurrent ? Math.max(state.previous, state.current) : state.current;
    if (now >= state.endMicros() || age > windowMicros || inUse == 0) {
      return state;
    }
    long given = Math.min(cost, state.current);
    long current = state.current - given;
    long previous = isCurrent ? Math.max(0, state.previous - (cost - given)) : state.previous;
    State after = new State(state.lastMicros, state.windowMicros, previous, current);
    boolean empty = current == 0 && (previous == 0 || !isCurrent);
    return empty || nowMicros >= after.endMicros() ? CounterState.ABSENT : after;
  }

  /** Each to the count of its window, the current one or the one before. */
  @Override
  public Settled settle(CounterState before, List<Owed> owed, long nowMicros) {
    State counted = counted(before, nowMicros);
    long now = counted.lastMicros;
    long start = now - now % windowMicros;
    long previous = counted.previous;
    long current = counted.current;
    long window = windowUnits();
    long weight = window - (now - start) / unitMicros();
    long charged = 0;
    long gone = 0;
    for (Owed one : owed) {
      if (one.atMicros() >= start) {
        long room = remaining(current, Exact.product(previous, weight), window);
        long granted = Math.min(one.cost(), room);
        current += granted;
        charged += granted;
      } else if (one.atMicros() >= start - windowMicros) {
        long most = Math.min(limit, Math.max(0, limit - current) * window / weight);
        long granted = Math.min(one.cost(), Math.max(0, most - previous));
        previous += granted;
        charged += granted;
      } else {
        gone += one.cost();
      }
    }
    CounterState after = charged == 0 ? before : new State(now, windowMicros, previous, current);
    return new Settled(charged, gone, after);
  }

  /** To the current count. */
  @Override
  public Step overcharge(CounterState before, long cost, long nowMicros) {
    State counted = counted(before, nowMicros);
    long current = Math.min(counted.current + cost, Bounds.MAX_PRODUCT);
    long now = counted.lastMicros;
    return Step.looked(this, new State(now, windowMicros, counted.previous, current), nowMicros);
  }

  /** Where the earlier window's weight passes 2^53, it is rounded as a double is. */
  @Override
  public long owed(CounterState before, long nowMicros) {
    if (decide(before, 0, nowMicros).outcome().admits()) {
      return 0;
    }
    State counted = counted(before, nowMicros);
    long weight = windowUnits() - counted.lastMicros % windowMicros / unitMicros();
    long weighted = (long) Math.ceil((double) counted.previous * weight / windowUnits());
    return Math.max(1, counted.current + weighted - limit);
  }

  /**
   * What is stored.
   *
   * @param lastMicros when it was last charged; says which window is the current one
   * @param windowMicros the window's length when it was charged
   * @param previous the cost charged in the window before, 0 or more
   * @param current the cost charged in the window of {@code lastMicros}, 0 or more
   */
  public record State(long lastMicros, long windowMicros, long previous, long current)
      implements CounterState {
    @Override
    public long endMicros() {
      return start(lastMicros) + (current > 0 ? 2 : 1) * windowMicros;
    }

    private long start(long at) {
      return at - at % windowMicros;
    }

    @Override
    public Charged charged(long cost) {
      return new Charged(cost, lastMicros, windowMicros);
    }

    @Override
    public CounterState refund(Charged charged, long nowMicros) {
      if (nowMicros >= endMicros() || charged.windowMicros() != windowMicros) {
        return this;
      }
      long age = start(lastMicros) - start(charged.atMicros());
      State after = this;
      if (age == 0) {
        after =
            new State(lastMicros, windowMicros, previous, Math.max(0, current - charged.cost()));
      } else if (age == windowMicros && nowMicros < start(lastMicros) + windowMicros) {
        after =
            new State(lastMicros, windowMicros, Math.max(0, previous - charged.cost()), current);
      }
      boolean empty = after.current == 0 && after.previous == 0;
      return empty || nowMicros >= after.endMicros() ? ABSENT : after;
    }
  }
}
