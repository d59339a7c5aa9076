package io.limiter.ledger;

import io.limiter.algorithm.Charged;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The holds of counters in memory: the twin of {@code holds.lua} and {@code endings.lua}. Not safe
 * to share between threads.
 */
public final class Holds {
  private final Map<String, HoldBook> books;
  private final Function<String, CounterState> state;
  private final BiConsumer<String, CounterState> write;

  /**
   * Holds of counters.
   *
   * @param books keeps the books, by their counters
   * @param state the state of a counter
   * @param write keeps one
   */
  public Holds(
      Map<String, HoldBook> books,
      Function<String, CounterState> state,
      BiConsumer<String, CounterState> write) {
    this.books = books;
    this.state = state;
    this.write = write;
  }

  private HoldBook book(String key) {
    return books.computeIfAbsent(key, absent -> new HoldBook());
  }

  /** Ends what has expired of a question's counters. */
  public void sweep(List<? extends Ledger.Entry> entries, long now) {
    for (Ledger.Entry entry : entries) {
      if (entry.holding() != null) {
        sweep(entry.key(), now);
      }
    }
  }

  private void sweep(String key, long now) {
    book(key).sweep(now).forEach(hold -> giveBack(key, hold, hold.fresh(), now));
  }

  private void giveBack(String key, HoldBook.Hold hold, long most, long now) {
    Charged charged = hold.charged(most);
    if (charged.cost() > 0) {
      write.accept(key, state.apply(key).refund(charged, now));
    }
  }

  /** What the counters of a question are told that was decided: a denial says when holds end. */
  public List<Outcome> outcomes(
      List<? extends Ledger.Entry> entries, Ledger.Decision decision, long now) {
    List<Outcome> told = new ArrayList<>(decision.outcomes());
    for (int i = 0; i < told.size(); i++) {
      Ledger.Entry entry = entries.get(i);
      if (entry.holding() != null
          && entry.limit() instanceof ConcurrencyLimit
          && told.get(i) instanceof Outcome.Denied denied) {
        HoldBook book = book(entry.key());
        long needed = book.held() + entry.cost() - entry.limit().limit();
        Long frees = book.frees(needed, now);
        if (frees != null) {
          told.set(
              i, new Outcome.Denied(denied.remaining(), denied.resetAfterMicros(), frees - now));
        }
      }
    }
    return told;
  }

  /** Takes the holds of a question that was decided, and tells what is held. */
  public List<Held> take(
      List<? extends Ledger.Entry> entries, Ledger.Decision decision, String name, long now) {
    List<Held> held = new ArrayList<>();
    for (Ledger.Entry entry : entries) {
      held.add(take(entry, decision, name, now));
    }
    return held;
  }

  private Held take(Ledger.Entry entry, Ledger.Decision decision, String name, long now) {
    Holding holding = entry.holding();
    if (holding == null) {
      return Held.NONE;
    }
    HoldBook book = book(entry.key());
    Charged charged = decision.charged().get(entry.key());
    long number = 0;
    long expires = 0;
    if (charged != null && holding.micros() > 0) {
      expires = book.at(now) + holding.micros();
      number =
          book.take(
              new HoldBook.Hold(
                  name,
                  holding.chargedWhenExpired(),
                  expires,
                  entry.cost(),
                  entry.cost(),
                  charged.atMicros(),
                  charged.windowMicros()),
              now);
      keepInUse(entry.key(), expires, now);
    } else if (decision.admitted()
        && entry.cost() < 0
        && entry.limit() instanceof ConcurrencyLimit) {
      book.endFirst(-entry.cost(), now);
    }
    return new Held(book.held(), owed(entry.key(), entry.limit(), now), number, expires);
  }

  /** What is nothing but holds is in use as long as any of them. */
  private void keepInUse(String key, long stop, long now) {
    if (state.apply(key) instanceof ConcurrencyLimit.State inUse && now < inUse.endMicros()) {
      write.accept(key, inUse.until(stop));
    }
  }

  private long owed(String key, Limit limit, long now) {
    return limit.owed(state.apply(key), now);
  }

  /** Ends holds, or renews them. */
  public Ending.Result end(Ending ending, long now) {
    List<Ending.State> ends = new ArrayList<>();
    long[] ended = new long[ending.holds().size()];
    for (Ending.Hold one : ending.holds()) {
      sweep(one.key(), now);
      ends.add(book(one.key()).state(ending.name(), one.number(), one.expiresMicros(), now));
    }
    boolean extended = false;
    if (ending.what() == Ending.What.EXTEND) {
      extended = extend(ending, ends, now);
    } else {
      for (int i = 0; i < ends.size(); i++) {
        if (ends.get(i) == Ending.State.ENDED || ends.get(i) == Ending.State.EXPIRED) {
          ended[i] = end(ending, ending.holds().get(i), ends.get(i) == Ending.State.EXPIRED, now);
        }
      }
    }
    return new Ending.Result(extended, told(ending, ends, ended, extended, now));
  }

  /** Ends one; returns what it held. */
  private long end(Ending ending, Ending.Hold one, boolean expired, long now) {
    HoldBook book = book(one.key());
    HoldBook.Hold hold = found(book, ending.name());
    boolean back = expired && !hold.chargedWhenExpired();
    long charged = back ? 0 : hold.cost();
    long actual =
        ending.what() == Ending.What.SETTLE && !(one.limit() instanceof ConcurrencyLimit)
            ? one.amount()
            : 0;
    if (actual > charged) {
      write.accept(
          one.key(), one.limit().overcharge(state.apply(one.key()), actual - charged, now).after());
    } else if (!back) {
      giveBack(one.key(), hold, charged - actual, now);
    }
    book.remove(hold, now);
    return hold.cost();
  }

  private static HoldBook.Hold found(HoldBook book, String name) {
    HoldBook.Hold hold = book.find(name);
    if (hold == null) {
      throw new IllegalStateException("no hold " + name);
    }
    return hold;
  }

  private boolean extend(Ending ending, List<Ending.State> ends, long now) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < ends.size(); i++) {
      Ending.Hold one = ending.holds().get(i);
      Step step = one.limit().decide(state.apply(one.key()), one.amount(), now);
      if (ends.get(i) != Ending.State.ENDED || (one.amount() > 0 && !step.outcome().admits())) {
        return false;
      }
      steps.add(step);
    }
    for (int i = 0; i < ends.size(); i++) {
      Ending.Hold one = ending.holds().get(i);
      HoldBook book = book(one.key());
      HoldBook.Hold before = found(book, ending.name());
      long stop = Math.max(before.stop(), book.at(now) + one.micros());
      HoldBook.Hold after = grown(before, stop, one, steps.get(i));
      if (one.amount() > 0) {
        write.accept(one.key(), steps.get(i).after());
      }
      book.replace(before, after, now);
      keepInUse(one.key(), stop, now);
    }
    return true;
  }

  private static HoldBook.Hold grown(HoldBook.Hold hold, long stop, Ending.Hold one, Step step) {
    long at = hold.at();
    long window = hold.window();
    long fresh = hold.fresh();
    if (one.amount() > 0) {
      Charged more = step.after().charged(one.amount());
      boolean together = isTogether(one.limit(), hold, more);
      at = more.atMicros();
      window = more.windowMicros();
      fresh = (together ? fresh : 0) + one.amount();
    }
    return new HoldBook.Hold(
        hold.name(),
        hold.chargedWhenExpired(),
        stop,
        hold.cost() + one.amount(),
        fresh,
        at,
        window);
  }

  /** Whether two charges could go back as one. */
  private static boolean isTogether(Limit limit, HoldBook.Hold hold, Charged more) {
    if (limit instanceof SlidingLog) {
      return hold.at() == more.atMicros();
    }
    if (limit instanceof SlidingCounter counter) {
      long window = counter.windowMicros();
      return hold.at() - hold.at() % window == more.atMicros() - more.atMicros() % window;
    }
    return hold.window() == more.windowMicros();
  }

  private List<Ending.Ended> told(
      Ending ending, List<Ending.State> ends, long[] ended, boolean extended, long now) {
    boolean wanted = ending.what() == Ending.What.EXTEND && !extended;
    List<Ending.Ended> told = new ArrayList<>();
    for (int i = 0; i < ends.size(); i++) {
      Ending.Hold one = ending.holds().get(i);
      HoldBook book = book(one.key());
      boolean released = ending.what() == Ending.What.RELEASE;
      Outcome outcome =
          released
              ? new Outcome.Admitted(1, 0, 0)
              : one.limit()
                  .decide(state.apply(one.key()), wanted ? one.amount() : 0, now)
                  .outcome();
      HoldBook.Hold hold = book.find(ending.name());
      told.add(
          new Ending.Ended(
              ends.get(i),
              outcome,
              new Held(
                  book.held(),
                  released ? 0 : owed(one.key(), one.limit(), now),
                  0,
                  hold == null ? 0 : hold.stop()),
              ended[i]));
    }
    return told;
  }

  /** Forgets the holds of a counter. */
  public void reset(String key) {
    books.remove(key);
  }
}
