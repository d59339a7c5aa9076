package io.limiter.server.store.lease;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.limiter.ledger.LeaseTerms;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.LeaseSource;
import io.limiter.server.store.LeaseSource.Prefetched;
import io.limiter.server.store.LeaseSource.Unused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Leases counters: prefetches tokens from them, and answers questions from these without asking
 * Redis. The store behind answers everything else.
 *
 * <p>A question is answered here under four conditions. It asks one enforced counter for 1 or more;
 * its rule has a lease; it wants no record; and so many tokens are held. Otherwise it goes on to
 * the store: no question waits for a prefetch, and none is denied here.
 *
 * <p>Nothing passes beyond the limit. Every token was charged in Redis before. It is used at most
 * once, and only while that is no different from a charge at the moment of its use; {@link
 * WindowHolding} and {@link BucketHolding} say why.
 *
 * <p>A prefetch whose answer does not come is never repeated, nor is an attempt to give back that
 * fails. Their tokens are lost to everybody until the window ends or the bucket fills up. So is
 * what is held when the process dies: at most the terms' tokens for each counter.
 */
public final class Leases extends ForwardingCounterStore implements AutoCloseable {
  /** The most counters that are leased at a time. Questions about others go on to Redis. */
  static final int MOST_COUNTERS = 10_000;

  /** Counters in one call of the script that gives back. */
  private static final int RETURNED_AT_ONCE = 100;

  private static final long SWEEP_MILLIS = 50;
  private static final long CLOSE_NANOS = 1_000_000_000;

  private final LeaseSource source;
  private final LongSupplier nanoTime;
  private final Map<String, Lease> leases = new ConcurrentHashMap<>();
  private final Traffic traffic = new Traffic();

  /** Prefetches and attempts to give back that Redis has not answered. */
  private final Map<Object, CompletableFuture<?>> inFlight = new ConcurrentHashMap<>();

  private final Set<String> resetting = ConcurrentHashMap.newKeySet();
  private @Nullable ScheduledExecutorService sweeper;
  private volatile boolean closed;

  /** Leases that nobody sweeps. */
  Leases(CounterStore store, LeaseSource source, LongSupplier nanoTime) {
    super(store);
    this.source = source;
    this.nanoTime = nanoTime;
  }

  /**
   * Leases in front of a store.
   *
   * @param source where the counters of {@code store} are charged ahead of need
   */
  public static Leases over(CounterStore store, LeaseSource source) {
    Leases leases = new Leases(store, source, System::nanoTime);
    ScheduledExecutorService sweeper =
        Executors.newSingleThreadScheduledExecutor(
            new ThreadFactoryBuilder().setNameFormat("limiter-leases").setDaemon(true).build());
    var unused =
        sweeper.scheduleWithFixedDelay(
            leases::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    leases.sweeper = sweeper;
    return leases;
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    Charge.Entry entry = charge.entries().isEmpty() ? null : charge.entries().get(0);
    LeaseTerms terms = entry == null ? null : entry.lease();
    if (entry == null
        || terms == null
        || !(charge instanceof Charge.Whole whole)
        || !whole.isPlain()
        || whole.wantReceipt()
        || entry.cost() < 1
        || entry.cost() > terms.tokens()
        || closed) {
      return delegate().decide(charge);
    }
    long now = nanoTime.getAsLong();
    Lease lease = lease(entry, terms, now);
    if (lease == null) {
      return delegate().decide(charge);
    }
    Answer held = lease.take(entry.cost(), now);
    CompletionStage<Answer> answer =
        held == null ? delegate().decide(charge) : CompletableFuture.completedStage(held);
    long wanted = lease.wanted(entry.cost(), now);
    if (wanted > 0) {
      prefetch(lease, entry, wanted);
    }
    return answer;
  }

  /** The counter's lease, a new one if it is asked often enough; null for none. */
  private @Nullable Lease lease(Charge.Entry entry, LeaseTerms terms, long now) {
    String key = entry.key();
    Lease lease = leases.get(key);
    if (lease != null && lease.is(entry.limit(), terms)) {
      return lease;
    }
    if (lease != null) {
      // Not prefetched from at once: requests may ask one counter by turns under different numbers.
      Lease other = new Lease(key, entry.limit(), terms, now, now + Pacing.TURN_NANOS);
      if (leases.replace(key, lease, other)) {
        returnUnused(lease.end(now));
      }
      return null;
    }
    if (!traffic.again(key, now, (int) (Pacing.TURN_NANOS / 1_000_000))
        || leases.size() >= MOST_COUNTERS) {
      return null;
    }
    Lease made = new Lease(key, entry.limit(), terms, now, now);
    Lease met = leases.putIfAbsent(key, made);
    return met == null ? made : null;
  }

  private void prefetch(Lease lease, Charge.Entry entry, long wanted) {
    if (closed || resetting.contains(entry.key())) {
      lease.prefetchFailed(nanoTime.getAsLong());
      return;
    }
    track(
        source
            .prefetch(entry.key(), entry.limit(), wanted)
            .handle(
                (Prefetched prefetched, Throwable failure) -> {
                  long now = nanoTime.getAsLong();
                  if (failure == null) {
                    returnUnused(lease.prefetched(prefetched, wanted, now));
                  } else {
                    lease.prefetchFailed(now);
                  }
                  return prefetched;
                }));
  }

  private void returnUnused(@Nullable Unused unused) {
    if (unused != null) {
      track(source.returnUnused(List.of(unused)));
    }
  }

  private void track(CompletionStage<?> stage) {
    Object ticket = new Object();
    CompletableFuture<?> future = stage.toCompletableFuture();
    inFlight.put(ticket, future);
    var unused = future.whenComplete((done, failure) -> inFlight.remove(ticket));
  }

  /** Ends the leases that were not used for long enough. */
  void sweep() {
    long now = nanoTime.getAsLong();
    end(now, lease -> lease.isIdle(now));
  }

  private void end(long now, Predicate<Lease> which) {
    List<Unused> all = new ArrayList<>();
    leases.forEach(
        (key, lease) -> {
          if (which.test(lease) && leases.remove(key, lease)) {
            Unused unused = lease.end(now);
            if (unused != null) {
              all.add(unused);
            }
          }
        });
    for (int i = 0; i < all.size(); i += RETURNED_AT_ONCE) {
      track(source.returnUnused(all.subList(i, Math.min(all.size(), i + RETURNED_AT_ONCE))));
    }
  }

  /**
   * Forgets counters, and what is held of them here. What other instances hold stays good.
   *
   * <p>A prefetch that is sent before the reset is void, one that is sent after it is charged to
   * the new counter; and none is sent meanwhile.
   */
  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    synchronized (resetting) {
      resetting.addAll(keys);
      try {
        long now = nanoTime.getAsLong();
        for (String key : keys) {
          Lease lease = leases.remove(key);
          if (lease != null) {
            lease.forget(now);
          }
        }
        return delegate().reset(keys);
      } finally {
        resetting.removeAll(Set.copyOf(keys));
      }
    }
  }

  /** How many counters are leased. */
  public int counters() {
    return leases.size();
  }

  /** How many tokens are held, of all counters together. */
  public long tokens() {
    long now = nanoTime.getAsLong();
    return leases.values().stream().mapToLong(lease -> lease.held(now)).sum();
  }

  /** Gives back what is held. Waits for Redis, for a second at most. */
  @Override
  public void close() {
    closed = true;
    if (sweeper != null) {
      sweeper.shutdown();
    }
    long now = nanoTime.getAsLong();
    end(now, lease -> true);
    long endNanos = System.nanoTime() + CLOSE_NANOS;
    // A prefetch that was under way is answered first and then gives back.
    while (!inFlight.isEmpty() && System.nanoTime() - endNanos < 0) {
      CompletableFuture<?>[] waiting = inFlight.values().toArray(CompletableFuture<?>[]::new);
      await(CompletableFuture.allOf(waiting), endNanos);
    }
  }

  private static void await(CompletableFuture<?> all, long endNanos) {
    try {
      var unused = all.get(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // What could not be given back is lost, as if the process had died.
    }
  }

  @Override
  public String toString() {
    return "leases in front of " + delegate();
  }
}
