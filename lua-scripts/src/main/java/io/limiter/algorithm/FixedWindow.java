package io.limiter.algorithm;

import java.util.List;

/**
 * Fixed window: time is cut into windows, and each admits up to a limit.
 *
 * <p>Admits a cost c when {@code count + c <= limit}, where {@code count} is what was charged in
 * the window that now falls in. The simplest and cheapest limit, and the one people mean by "so
 * many a month"; its weakness is that twice the limit can pass around the edge of two windows.
 *
 * @param limit the most cost in a window, 0 (nothing passes) to 2^52
 * @param window how time is cut
 */
public record FixedWindow(long limit, Window window) implements Limit {
  /** The letter of a row that brings three windows by their edges: of a calendar, mostly. */
  private static final char CALENDAR = 'F';

  public FixedWindow {
    Bounds.checkCount("limit", limit, 0);
  }

  /** A limit for windows of one length, aligned to the epoch. */
  public static FixedWindow per(long windowMicros, long limit) {
    return new FixedWindow(limit, new Window.Span(windowMicros));
  }

  /** Whether a window ends at all. */
  public boolean resets() {
    return !(window instanceof Window.Never);
  }

  @Override
  public Algorithm algorithm() {
    return Algorithm.FIXED_WINDOW;
  }

  @Override
  public long windowMicros(long nowMicros) {
    return window.endOf(nowMicros) - window.startOf(nowMicros);
  }

  @Override
  public LimitRow row(long aroundMicros) {
    if (window instanceof Window.Span span) {
      return new LimitRow(algorithm().letter(), limit, span.micros());
    }
    long start = window.startOf(aroundMicros);
    long end = window.endOf(aroundMicros);
    if (window instanceof Window.Never) {
      // One window alone: where time is beyond it, this was made for another one.
      return new LimitRow(CALENDAR, limit, start, end, end, end);
    }
    return new LimitRow(CALENDAR, limit, window.startOf(start - 1), start, end, window.endOf(end));
  }

  @Override
  public void identify(Identity out) {
    out.add(window.toString());
  }

  @Override
  public FixedWindow share(int instances) {
    return new FixedWindow(Exact.share(limit, instances), window);
  }

  @Override
  public FixedWindow upTo(long most) {
    return new FixedWindow(most, window);
  }

  @Override
  public Step decide(CounterState before, long cost, long nowMicros) {
    long now = now(before, nowMicros);
    long count = 0;
    long storedEnd = Long.MAX_VALUE;
    if (before instanceof State state && counts(state, now)) {
      count = state.count;
      storedEnd = state.windowEndMicros;
    }
    long end = window.endOf(now);
    if (count <= limit - cost) {
      long used = count + cost;
      CounterState after = cost == 0 ? before : new State(now, end, used);
      long last = cost == 0 ? Math.min(end, storedEnd) : end;
      long reset = used == 0 ? 0 : last - nowMicros;
      return new Step(new Outcome.Admitted(limit - used, reset, 0), after);
    }
    long reset = count == 0 ? 0 : Math.min(end, storedEnd) - nowMicros;
    long remaining = Math.max(0, limit - count);
    if (cost > limit) {
      return new Step(new Outcome.Never(remaining, reset), before);
    }
    return new Step(new Outcome.Denied(remaining, reset, reset), before);
  }

  /**
   * Counts a cost whether it fits or not, as a plain counter would: the outcome says whether it
   * did. The count stops at 2^52.
   *
   * @param cost 0 to 2^52; 0 looks
   * @return the outcome, and the state after it: {@code before} itself for a look
   */
  public Step count(CounterState before, long cost, long nowMicros) {
    Step step = decide(before, cost, nowMicros);
    if (step.outcome().admits() || cost == 0) {
      return step;
    }
    long now = now(before, nowMicros);
    long count = before instanceof State state && counts(state, now) ? state.count : 0;
    long end = window.endOf(now);
    CounterState after = new State(now, end, Math.min(count + cost, Bounds.MAX_PRODUCT));
    long reset = end - nowMicros;
    return new Step(
        cost > limit ? new Outcome.Never(0, reset) : new Outcome.Denied(0, reset, reset), after);
  }

  /** From the count of the window that now falls in. */
  @Override
  public Step credit(CounterState before, long cost, long nowMicros) {
    CounterState after =
        cost > 0 && before instanceof State state && counts(state, now(before, nowMicros))
            ? state.refund(state.charged(cost), nowMicros)
            : before;
    return Step.credited(this, after, nowMicros);
  }

  /** To the window that now falls in, what was admitted there. */
  @Override
  public Settled settle(CounterState before, List<Owed> owed, long nowMicros) {
    long start = window.startOf(now(before, nowMicros));
    long room = decide(before, 0, nowMicros).outcome().remaining();
    long charged = 0;
    long gone = 0;
    for (Owed one : owed) {
      if (one.atMicros() < start) {
        gone += one.cost();
      } else {
        charged += Math.min(one.cost(), room - charged);
      }
    }
    CounterState after = charged == 0 ? before : decide(before, charged, nowMicros).after();
    return new Settled(charged, gone, after);
  }

  @Override
  public Step overcharge(CounterState before, long cost, long nowMicros) {
    return Step.looked(this, count(before, cost, nowMicros).after(), nowMicros);
  }

  @Override
  public long owed(CounterState before, long nowMicros) {
    return before instanceof State state && counts(state, now(state, nowMicros))
        ? Math.max(0, state.count - limit)
        : 0;
  }

  /** The counter's time, which never runs back. */
  private static long now(CounterState before, long nowMicros) {
    return before instanceof State state ? Math.max(nowMicros, state.lastMicros) : nowMicros;
  }

  private boolean counts(State state, long now) {
    return now < state.windowEndMicros && state.lastMicros >= window.startOf(now);
  }

  /**
   * What is stored.
   *
   * @param lastMicros when it was last charged
   * @param windowEndMicros the end of the window that this was in
   * @param count the cost charged in that window, 1 or more
   */
  public record State(long lastMicros, long windowEndMicros, long count) implements CounterState {
    @Override
    public long endMicros() {
      return windowEndMicros;
    }

    @Override
    public Charged charged(long cost) {
      return new Charged(cost, lastMicros, windowEndMicros);
    }

    @Override
    public CounterState refund(Charged charged, long nowMicros) {
      if (nowMicros >= windowEndMicros || charged.windowMicros() != windowEndMicros) {
        return this;
      }
      long left = Math.max(0, count - charged.cost());
      return left == 0 ? ABSENT : new State(lastMicros, windowEndMicros, left);
    }
  }
}
