package io.limiter.server.store.deny;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.Role;
import io.limiter.server.key.SeededHash;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.CreditListener;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.Source;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Caches denials: a question that was denied a moment ago is denied again without asking the store.
 *
 * <p>Other callers can only prolong a denial, so it holds until its {@code retry_after}. It answers
 * questions with the same costs, limits, counters and roles. A larger cost is another denial, whose
 * wait only the store knows; a few are cached side by side. Two larger costs need no asking: a lone
 * fixed window denies every larger one until the same moment, and a cost beyond what a limit can
 * ever admit stands for all larger ones.
 *
 * <p>A denial is cached from before its question was sent until the shortest wait of all that
 * denied, less the {@link io.limiter.server.store.ClockDrift}, and at most for the given time. So
 * it ends before the store's does. Its waits shrink by the time since the answer came, less the
 * drift: whoever comes again then is not early, and late by hardly more than that question took.
 *
 * <p>Some questions always go to the store. Those with an idempotency key: an earlier admission may
 * be kept under it. Those that count denials and those with candidates: they write on a denial. And
 * looks, where nothing has a cost. And a denial by counters of which something is held: it ends
 * when that does, of which nobody is told.
 *
 * <p>A reset or a credit on this instance invalidates the cached denials of its counters: every
 * question after its answer sees it. So does what it hears as a {@link CreditListener}: refunds,
 * whose receipts name no counter here, and what other instances give back. A denial is cached with
 * the generation from before its question was sent. So one that Redis decided before the credit is
 * not used after it was heard of, in whichever order the two arrived.
 *
 * <p>Two things are seen only when the given time is over: a credit that was not heard of, and the
 * sooner end of a counter that a rule with other numbers has charged since.
 */
public final class DenyCache extends ForwardingCounterStore implements CreditListener {
  private static final long MOST_BYTES = 32 << 20;

  private final LongSupplier nanoTime;
  private final long longestNanos;
  private final Generations generations = new Generations();
  private final Cache<CacheKey, Denials> cache;

  /**
   * A cache before a store.
   *
   * @param longest the longest that a denial is cached, more than 0
   * @param nanoTime as {@link System#nanoTime}
   */
  public DenyCache(CounterStore store, Duration longest, LongSupplier nanoTime) {
    this(store, longest, nanoTime, MOST_BYTES);
  }

  DenyCache(CounterStore store, Duration longest, LongSupplier nanoTime, long mostBytes) {
    super(store);
    this.nanoTime = nanoTime;
    longestNanos = longest.toNanos();
    cache =
        Caffeine.newBuilder()
            .maximumWeight(mostBytes)
            .weigher((CacheKey key, Denials denials) -> key.bytes() * denials.count())
            // It takes writes to a key within a second for one.
            .expireAfterWrite(longest.plusSeconds(1))
            .ticker(nanoTime::getAsLong)
            // Its upkeep is less work than handing it to another thread.
            .executor(Runnable::run)
            .build();
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    List<Charge.Entry> entries = charge.entries();
    boolean cacheable = charge instanceof Charge.Whole whole && whole.idempotency() == null;
    boolean charges = false;
    for (int i = 0; i < entries.size(); i++) {
      Charge.Entry entry = entries.get(i);
      if (entry.cost() < 0) {
        return credit(charge);
      }
      // Of a shared pool a denial may end sooner: when others borrow, one is behind them.
      cacheable &= entry.role() != Role.CANDIDATE && !(entry.limit() instanceof Limit.Shared);
      charges |= entry.cost() > 0;
    }
    return cacheable && charges ? answer(charge) : delegate().decide(charge);
  }

  private CompletionStage<Answer> answer(Charge charge) {
    List<Charge.Entry> entries = charge.entries();
    int hash = 0;
    long generation = 0;
    for (int i = 0; i < entries.size(); i++) {
      int one = SeededHash.of(entries.get(i).key());
      hash = 31 * hash + one;
      generation += generations.of(one);
    }
    CacheKey key = new CacheKey(entries, hash);
    long nowNanos = nanoTime.getAsLong();
    Denials denials = cache.getIfPresent(key);
    Denial cached = denials == null ? null : denials.find(entries, generation, nowNanos);
    return cached != null
        ? CompletableFuture.completedStage(cached.at(nowNanos))
        : ask(charge, key, generation, nowNanos);
  }

  private CompletionStage<Answer> ask(
      Charge charge, CacheKey key, long generation, long sentNanos) {
    return delegate()
        .decide(charge)
        .whenComplete(
            (answer, failure) -> {
              if (answer instanceof Answer.Decided decided
                  && !decided.admitted()
                  && decided.held().stream().allMatch(one -> one.held() == 0)
                  && decided.source() == Source.REDIS) {
                cache(charge, key, generation, sentNanos, decided);
              }
            });
  }

  private void cache(
      Charge charge, CacheKey key, long generation, long sentNanos, Answer.Decided denied) {
    long nowNanos = nanoTime.getAsLong();
    long endNanos = sentNanos + Math.min(longestNanos, Denial.lastsNanos(denied));
    if (nowNanos - endNanos < 0) {
      Denial denial = new Denial(charge.entries(), denied, nowNanos, endNanos, generation);
      cache
          .asMap()
          .merge(key, Denials.of(denial), (denials, added) -> denials.with(denial, nowNanos));
    }
  }

  private CompletionStage<Answer> credit(Charge charge) {
    List<String> keys =
        charge.entries().stream().filter(entry -> entry.cost() < 0).map(Charge.Entry::key).toList();
    return delegate()
        .decide(charge)
        .whenComplete((answer, failure) -> generations.invalidate(keys));
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    return delegate().reset(keys).whenComplete((count, failure) -> generations.invalidate(keys));
  }

  @Override
  public void credited(List<String> keys) {
    generations.invalidate(keys);
  }

  @Override
  public void missedSome() {
    generations.invalidateAll();
  }

  /** How many questions have cached denials; some of these may be over. */
  public long size() {
    cache.cleanUp();
    return cache.estimatedSize();
  }

  @Override
  public String toString() {
    return delegate() + " behind a cache of denials";
  }
}
