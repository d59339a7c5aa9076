package io.limiter.server.store.fallback;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.limiter.algorithm.Limit;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.CreditListener;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtListener;
import io.limiter.server.store.DebtListener.Unsettled;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.DebtTarget.Fate;
import io.limiter.server.store.DebtTarget.Paid;
import io.limiter.server.store.DebtTarget.Place;
import io.limiter.server.store.ForwardingCounterStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Charges the shared counters with what was admitted without them, once each node of Redis answers
 * again. It works in the background: as long as anything is owed, it looks every 20 ms. Each time
 * it sends a node 64 counters at most, and no more until all of these are answered. So questions
 * wait for little else, and 100,000 counters take half a minute.
 *
 * <p>What may have been charged is not sent again. So an answer that is lost costs the limit what
 * it had been about, and nobody is denied for it twice. Safe to share between threads.
 */
public final class Settler implements RuleFallback.Creditor, AutoCloseable {
  private static final Duration BEAT = Duration.ofMillis(20);

  /** A Redis that refuses is left alone for so long. */
  private static final Duration REFUSED = Duration.ofSeconds(1);

  /** How long nothing has to be owed or lost until the log tells what was settled. */
  private static final Duration CALM = Duration.ofSeconds(1);

  private static final Duration CLOSE = Duration.ofSeconds(1);
  private static final int MOST_COUNTERS = 100_000;
  private static final int AT_ONCE = 64;
  private static final int LOOKS = 256;

  private final DebtTarget target;
  private final LongSupplier nanoTime;
  private final SettlerLog told;
  private final Debts debts;
  private final SettlerNodes nodes = new SettlerNodes();
  private final AtomicBoolean armed = new AtomicBoolean();
  private volatile long newestNanos;

  /** Null if somebody else calls {@link #run}. */
  private @Nullable ScheduledExecutorService timer;

  /** One that settles when {@link #run} is called, by one thread at a time. */
  Settler(
      DebtTarget target,
      DebtListener listener,
      LongSupplier nowMicros,
      LongSupplier nanoTime,
      int most) {
    this.target = target;
    this.nanoTime = nanoTime;
    this.told = new SettlerLog(listener);
    this.debts = new Debts(most, nowMicros, told);
  }

  /**
   * Settles with a target.
   *
   * @param nowMicros the time, in microseconds since the epoch
   */
  public static Settler with(DebtTarget target, DebtListener listener, LongSupplier nowMicros) {
    Settler settler = new Settler(target, listener, nowMicros, System::nanoTime, MOST_COUNTERS);
    settler.timer =
        Executors.newSingleThreadScheduledExecutor(
            new ThreadFactoryBuilder().setNameFormat("limiter-settler").setDaemon(true).build());
    return settler;
  }

  @Override
  public long nanoTime() {
    return nanoTime.getAsLong();
  }

  @Override
  public void owe(String key, Limit limit, long cost, long atNanos) {
    newestNanos = nanoTime.getAsLong();
    if (cost < 0) {
      debts.giveBack(key, -cost);
      return;
    }
    debts.add(key, limit, cost, atNanos);
    arm();
  }

  @Override
  public void inDoubt(long cost) {
    newestNanos = nanoTime.getAsLong();
    told.unsettled(Unsettled.IN_DOUBT, Math.max(0, cost));
    arm();
  }

  /**
   * A listener beside another one. What a counter was owed before is void, whoever reset it or gave
   * something back.
   */
  public CreditListener besides(CreditListener other) {
    return new CreditListener() {
      @Override
      public void credited(List<String> keys) {
        debts.forget(keys);
        other.credited(keys);
      }

      @Override
      public void missedSome() {
        other.missedSome();
      }
    };
  }

  /** The same store. Counters that are reset there are owed nothing any more. */
  public CounterStore inFrontOf(CounterStore store) {
    return new ForwardingCounterStore(store) {
      @Override
      public CompletionStage<Integer> reset(List<String> keys) {
        debts.forget(keys);
        return delegate().reset(keys);
      }

      @Override
      public String toString() {
        return "debts in front of " + delegate();
      }
    };
  }

  private void arm() {
    ScheduledExecutorService beats = timer;
    if (beats != null && armed.compareAndSet(false, true)) {
      try {
        var unused = beats.schedule(this::runAndRearm, BEAT.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        // What is owed from now on is given up.
      }
    }
  }

  private void runAndRearm() {
    boolean more = true;
    try {
      more = run();
    } finally {
      armed.set(false);
      if (more || !debts.isSettled()) {
        arm();
      }
    }
  }

  /**
   * Sends what may be sent now.
   *
   * @return whether there is something left to do, later
   */
  boolean run() {
    long now = nanoTime.getAsLong();
    Map<Place, List<Debt>> calls = new HashMap<>();
    Map<Object, Integer> taken = new HashMap<>();
    String passed = null;
    for (int i = 0; i < LOOKS; i++) {
      String key = debts.next();
      if (key == null) {
        break;
      }
      Place place = target.place(key);
      if (place == null
          || taken.getOrDefault(place.node(), 0) == AT_ONCE
          || !nodes.mayBeSent(place.node(), now)) {
        debts.later(key);
        if (key.equals(passed)) {
          break;
        }
        passed = passed == null ? key : passed;
        continue;
      }
      Debt debt = debts.take(key, now);
      if (debt != null) {
        taken.merge(place.node(), 1, Integer::sum);
        calls.computeIfAbsent(place, one -> new ArrayList<>()).add(debt);
      }
    }
    calls.forEach(this::send);
    nodes.forgetIdle(now);
    if (!debts.isSettled()) {
      return true;
    }
    if (now - newestNanos < CALM.toNanos()) {
      return told.hasNews();
    }
    told.tell();
    return false;
  }

  private void send(Place place, List<Debt> all) {
    CompletionStage<Void> answered =
        target
            .settle(all)
            .thenAccept(
                paid -> {
                  for (int i = 0; i < all.size(); i++) {
                    landed(all.get(i), paid.get(i), place.node());
                  }
                });
    nodes.sent(place.node(), answered, nanoTime.getAsLong());
  }

  private void landed(Debt debt, Paid paid, Object node) {
    switch (paid.fate()) {
      case SETTLED -> {
        told.settledCounter(paid.charged());
        told.unsettled(Unsettled.EXPIRED, paid.gone());
        told.unsettled(Unsettled.NO_ROOM, debt.cost() - paid.charged() - paid.gone());
      }
      case AGAIN -> debts.putBack(debt);
      case REFUSED -> {
        nodes.pause(node, nanoTime.getAsLong() + REFUSED.toNanos());
        debts.putBack(debt);
      }
      case UNANSWERED -> told.unsettled(Unsettled.UNANSWERED, debt.cost());
      case UNREADABLE -> told.unsettled(Unsettled.UNREADABLE, debt.cost());
    }
    if (paid.fate() != Fate.AGAIN && paid.fate() != Fate.REFUSED) {
      debts.landed(debt);
    }
  }

  /** How many counters are owed something. */
  public int counters() {
    return debts.size();
  }

  /** Settles what can be settled now, for a second at most, and gives up the rest. */
  @Override
  public void close() {
    long endNanos = nanoTime.getAsLong() + CLOSE.toNanos();
    ScheduledExecutorService beats = timer;
    if (beats != null) {
      beats.shutdownNow();
      awaitEnd(beats);
    }
    boolean more = true;
    while (more && nanoTime.getAsLong() - endNanos < 0) {
      int before = debts.size();
      boolean left = run();
      List<CompletableFuture<?>> waiting = nodes.waiting();
      await(CompletableFuture.allOf(waiting.toArray(CompletableFuture<?>[]::new)), endNanos);
      more = left && (!waiting.isEmpty() || debts.size() < before);
    }
    told.unsettled(Unsettled.SHUTDOWN, debts.giveUp());
    told.tell();
  }

  private static void awaitEnd(ScheduledExecutorService beats) {
    try {
      var unused = beats.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void await(CompletableFuture<?> all, long endNanos) {
    try {
      var unused = all.get(Math.max(0, endNanos - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // What is not answered by now may have been charged or not.
    }
  }
}
