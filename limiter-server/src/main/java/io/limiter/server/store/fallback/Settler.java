package io.limiter.server.store.fallback;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.CreditListener;
import io.limiter.server.store.DebtListener;
import io.limiter.server.store.DebtListener.Unsettled;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.ForwardingCounterStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
 * it sends a node 64 counters and 128 questions at most, and no more until all of these are
 * answered. So questions wait for little else, and 100,000 counters take half a minute.
 *
 * <p>What may have been charged is not sent again. So an answer that is lost costs the limit what
 * it had been about, and nobody is denied for it twice. Safe to share between threads.
 */
public final class Settler implements RuleFallback.Creditor, AutoCloseable {
  private static final Duration BEAT = Duration.ofMillis(20);

  /** How long nothing has to be owed or lost until the log tells what was settled. */
  private static final Duration CALM = Duration.ofSeconds(1);

  private static final Duration CLOSE = Duration.ofSeconds(1);
  private static final int MOST_COUNTERS = 100_000;
  private static final int MOST_QUESTIONS = 50_000;

  private final LongSupplier nanoTime;
  private final SettlerLog told;
  private final Debts debts;
  private final Claimer claimer;
  private final Payer payer;
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
    this.nanoTime = nanoTime;
    this.told = new SettlerLog(listener);
    this.debts = new Debts(most, nowMicros, nanoTime, told);
    this.claimer = new Claimer(target, nanoTime, told, Math.min(most, MOST_QUESTIONS), this::owe);
    this.payer = new Payer(target, nanoTime, told, debts);
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
  public void owe(Owing owing, long atNanos) {
    newestNanos = nanoTime.getAsLong();
    if (owing.cost() < 0) {
      debts.giveBack(owing.key(), -owing.cost());
      return;
    }
    debts.add(owing.key(), owing.limit(), owing.cost(), atNanos);
    arm();
  }

  @Override
  public void oweUnlessCharged(
      Charge.Idempotency question, List<String> counters, List<Owing> all, long atNanos) {
    newestNanos = nanoTime.getAsLong();
    claimer.add(question, counters, all, atNanos);
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
        forget(keys);
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
        forget(keys);
        return delegate().reset(keys);
      }

      @Override
      public String toString() {
        return "debts in front of " + delegate();
      }
    };
  }

  private void forget(List<String> keys) {
    claimer.forget(keys);
    debts.forget(keys);
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
      if (more || !isSettled()) {
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
    claimer.run();
    payer.run();
    if (!isSettled()) {
      return true;
    }
    if (now - newestNanos < CALM.toNanos()) {
      return told.hasNews();
    }
    told.tell();
    return false;
  }

  private boolean isSettled() {
    return debts.isSettled() && claimer.size() == 0;
  }

  /** How many counters are owed something, and how many questions may be. */
  public int debts() {
    return debts.size() + claimer.size();
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
      int before = debts.size() + claimer.size();
      boolean left = run();
      List<CompletableFuture<?>> waiting = new ArrayList<>(claimer.waiting());
      waiting.addAll(payer.waiting());
      await(CompletableFuture.allOf(waiting.toArray(CompletableFuture<?>[]::new)), endNanos);
      more = left && (!waiting.isEmpty() || debts.size() + claimer.size() < before);
    }
    told.unsettled(Unsettled.SHUTDOWN, claimer.giveUp() + debts.giveUp());
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
