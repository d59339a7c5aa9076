package io.limiter.algorithm;

import java.util.List;

/**
 * Sliding log: remembers when each cost was charged, and admits a cost c when the costs charged in
 * {@code (now - window, now]} and c are no more than the limit. Exact at every moment, at the price
 * of one entry for each admitted request.
 *
 * <p>The log keeps running totals instead of single costs, so that both what has left the window
 * and the moment at which enough has left it are found by search, not by adding up: a decision
 * costs O(log n) looks at the worst and two as a rule. Requests charged at the same microsecond
 * share an entry.
 *
 * @param limit the most cost in any window, 0 (nothing passes) to 2^52
 * @param windowMicros the window's length, 1 ms to 366 days
 */
public record SlidingLog(long limit, long windowMicros) implements Limit {
  /** What more entries stand behind is not settled: the totals of all of them change. */
  private static final int MOST_BEHIND = 2_000;

  public SlidingLog {
    Bounds.checkCount("limit", limit, 0);
    Bounds.checkWindow("window", windowMicros);
  }

  @Override
  public Algorithm algorithm() {
    return Algorithm.SLIDING_LOG;
  }

  @Override
  public long windowMicros(long nowMicros) {
    return windowMicros;
  }

  @Override
  public LimitRow row(long aroundMicros) {
    return new LimitRow(algorithm().letter(), limit, windowMicros);
  }

  @Override
  public void identify(Identity out) {
    out.add(windowMicros);
  }

  @Override
  public SlidingLog share(int instances) {
    return new SlidingLog(Exact.share(limit, instances), windowMicros);
  }

  @Override
  public SlidingLog upTo(long most) {
    return new SlidingLog(most, windowMicros);
  }

  @Override
  public Step decide(CounterState before, long cost, long nowMicros) {
    if (!(before instanceof State log)
        || Math.max(nowMicros, log.lastMicros()) >= log.endMicros()) {
      long now = before instanceof State dead ? Math.max(nowMicros, dead.lastMicros()) : nowMicros;
      if (cost > limit) {
        return new Step(new Outcome.Never(limit, 0), before);
      }
      long reset = cost == 0 ? 0 : now + windowMicros - nowMicros;
      CounterState after =
          cost == 0 ? before : new State(windowMicros, LogEntries.of(0, now, cost));
      return new Step(new Outcome.Admitted(limit - cost, reset, 0), after);
    }
    long now = Math.max(nowMicros, log.lastMicros());
    LogEntries entries = log.entries;
    int expired = entries.countUpTo(now - windowMicros);
    long used = entries.total() - entries.totalBefore(expired);
    long remaining = Math.max(0, limit - used);
    long reset =
        used == 0 ? 0 : Math.min(log.lastMicros() + windowMicros, log.endMicros()) - nowMicros;
    if (cost > limit) {
      return new Step(new Outcome.Never(remaining, reset), before);
    }
    if (used > limit - cost) {
      long enough = entries.firstTimeWithTotal(entries.total() + cost - limit);
      long admittedAt = Math.min(enough + windowMicros, log.endMicros());
      return new Step(new Outcome.Denied(remaining, reset, admittedAt - nowMicros), before);
    }
    if (cost == 0) {
      return new Step(new Outcome.Admitted(remaining, reset, 0), before);
    }
    State after = new State(windowMicros, entries.dropFirst(expired).append(now, cost));
    return new Step(
        new Outcome.Admitted(remaining - cost, now + windowMicros - nowMicros, 0), after);
  }

  /** From the newest entries backwards: the log is cut where its running total is what is left. */
  @Override
  public Step credit(CounterState before, long cost, long nowMicros) {
    CounterState after =
        cost > 0 && before instanceof State log ? credited(log, cost, nowMicros) : before;
    return Step.credited(this, after, nowMicros);
  }

  private CounterState credited(State log, long cost, long nowMicros) {
    long now = Math.max(nowMicros, log.lastMicros());
    LogEntries entries = log.entries;
    int expired = entries.countUpTo(now - windowMicros);
    if (now >= log.endMicros() || expired == entries.size()) {
      return log;
    }
    long left = entries.total() - cost;
    if (left <= entries.totalBefore(expired)) {
      return CounterState.ABSENT;
    }
    State after = new State(log.windowMicros, entries.cutAtTotal(left));
    return now >= after.endMicros() ? CounterState.ABSENT : after;
  }

  /** Each with an entry at its own time, so that it leaves the window when it would have. */
  @Override
  public Settled settle(CounterState before, List<Owed> owed, long nowMicros) {
    State live =
        before instanceof State log && Math.max(nowMicros, log.lastMicros()) < log.endMicros()
            ? log
            : null;
    long horizon =
        (live == null ? nowMicros : Math.max(nowMicros, live.lastMicros())) - windowMicros;
    LogEntries entries =
        live == null ? LogEntries.EMPTY : live.entries.dropFirst(live.entries.countUpTo(horizon));
    long window = live == null ? windowMicros : live.windowMicros;
    long room = limit - (entries.total() - entries.base());
    long charged = 0;
    long gone = 0;
    for (Owed one : owed) {
      long at = Math.min(one.atMicros(), nowMicros);
      if (at <= horizon) {
        gone += one.cost();
      } else if (charged < room && entries.size() - entries.countUpTo(at) <= MOST_BEHIND) {
        long granted = Math.min(one.cost(), room - charged);
        window = entries.size() == 0 || at >= entries.lastTime() ? windowMicros : window;
        entries = entries.insert(at, granted);
        charged += granted;
      }
    }
    return new Settled(charged, gone, charged == 0 ? before : new State(window, entries));
  }

  /** By an entry at the present moment, as every charge. */
  @Override
  public Step overcharge(CounterState before, long cost, long nowMicros) {
    SlidingLog widest = new SlidingLog(Bounds.MAX_COUNT, windowMicros);
    return Step.overcharged(this, widest, before, cost, nowMicros);
  }

  @Override
  public long owed(CounterState before, long nowMicros) {
    SlidingLog widest = new SlidingLog(Bounds.MAX_COUNT, windowMicros);
    long room = widest.decide(before, 0, nowMicros).outcome().remaining();
    return Math.max(0, Bounds.MAX_COUNT - room - limit);
  }

  /**
   * What is stored.
   *
   * @param windowMicros the window's length when it was last charged
   * @param entries the log, with one entry or more
   */
  public record State(long windowMicros, LogEntries entries) implements CounterState {

    /** When it was last charged. */
    public long lastMicros() {
      return entries.lastTime();
    }

    @Override
    public long endMicros() {
      return entries.lastTime() + windowMicros;
    }

    @Override
    public Charged charged(long cost) {
      return new Charged(cost, lastMicros(), /* windowMicros= */ 0);
    }

    @Override
    public CounterState refund(Charged charged, long nowMicros) {
      long now = Math.max(nowMicros, lastMicros());
      if (charged.atMicros() <= now - windowMicros) {
        return this;
      }
      LogEntries after = entries.giveBack(charged.atMicros(), charged.cost());
      if (after == entries) {
        return this;
      }
      boolean empty = after.size() == 0 || now >= after.lastTime() + windowMicros;
      return empty ? ABSENT : new State(windowMicros, after);
    }
  }
}
