package io.limiter.server.store.deny;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.limiter.algorithm.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.Source;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Answers a question that was denied a moment ago, as long as the denial lasts, without asking the
 * store.
 *
 * <p>A denial can be known ahead: until its {@code retry_after} is over, charges of others only
 * make it longer. It answers what asks the same costs of the same limits on the same counters in
 * the same roles. A larger cost is another denial, whose wait only the store knows; a few of them
 * are remembered beside each other. But a lone fixed window denies every larger cost until the same
 * moment, and a cost beyond what a limit can ever admit stands for all larger ones: these are
 * answered too.
 *
 * <p>A denial is remembered from before its question was sent until the shortest wait of all that
 * denied is over, less a thousandth for clocks that run at different speeds, and never longer than
 * the bound that this cache is given. So it ends before that of the store does. What it then says
 * is what was said first, moved on by the time since the answer came, less a thousandth: whoever
 * comes again then is not early, and late by hardly more than that question took.
 *
 * <p>Not remembered, and always asked: questions with an idempotency key, since an earlier
 * admission may be kept under it; those that count denials, and those with candidates, since they
 * write on a denial; and looks, where nothing has a cost.
 *
 * <p>What gives back to a counter on this instance ends the denials of its key: a reset or a credit
 * that is answered is seen by every question after it. What other instances give back, and a refund
 * (a receipt names no counter), is seen when the bound is over; so is a counter's end that came
 * sooner since a rule with other numbers charged the same counter.
 */
public final class DenyCache extends ForwardingCounterStore {
  private static final long MOST_BYTES = 32 << 20;

  private final LongSupplier nanoTime;
  private final long longestNanos;
  private final Generations generations = new Generations();
  private final Cache<Asked, Denials> denials;

  /**
   * A cache before a store.
   *
   * @param longest the longest that a denial is remembered, more than 0
   * @param nanoTime as {@link System#nanoTime}
   */
  public DenyCache(CounterStore store, Duration longest, LongSupplier nanoTime) {
    this(store, longest, nanoTime, MOST_BYTES);
  }

  DenyCache(CounterStore store, Duration longest, LongSupplier nanoTime, long mostBytes) {
    super(store);
    this.nanoTime = nanoTime;
    longestNanos = longest.toNanos();
    denials =
        Caffeine.newBuilder()
            .maximumWeight(mostBytes)
            .weigher((Asked asked, Denials kept) -> asked.bytes() * kept.count())
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
    boolean lasting = charge instanceof Charge.Whole whole && whole.idempotency() == null;
    boolean charges = false;
    for (int i = 0; i < entries.size(); i++) {
      Charge.Entry entry = entries.get(i);
      if (entry.cost() < 0) {
        return credit(charge);
      }
      lasting &= entry.role() != Role.CANDIDATE;
      charges |= entry.cost() > 0;
    }
    return lasting && charges ? answer(charge) : delegate().decide(charge);
  }

  private CompletionStage<Answer> answer(Charge charge) {
    Asked asked = new Asked(charge.entries());
    long generation = generations.of(charge.entries());
    long nowNanos = nanoTime.getAsLong();
    Denials kept = denials.getIfPresent(asked);
    Denial known = kept == null ? null : kept.find(charge.entries(), generation, nowNanos);
    return known != null
        ? CompletableFuture.completedStage(known.at(nowNanos))
        : ask(charge, asked, generation, nowNanos);
  }

  private CompletionStage<Answer> ask(Charge charge, Asked asked, long generation, long sentNanos) {
    return delegate()
        .decide(charge)
        .whenComplete(
            (answer, failure) -> {
              if (answer instanceof Answer.Decided decided
                  && !decided.admitted()
                  && decided.source() == Source.REDIS) {
                remember(charge, asked, generation, sentNanos, decided);
              }
            });
  }

  private void remember(
      Charge charge, Asked asked, long generation, long sentNanos, Answer.Decided denied) {
    long nowNanos = nanoTime.getAsLong();
    long endNanos = sentNanos + Math.min(longestNanos, Denial.lastsNanos(denied));
    if (nowNanos - endNanos < 0) {
      Denial denial = new Denial(charge.entries(), denied, nowNanos, endNanos, generation);
      denials
          .asMap()
          .merge(asked, Denials.of(denial), (kept, added) -> kept.with(denial, nowNanos));
    }
  }

  private CompletionStage<Answer> credit(Charge charge) {
    List<String> keys =
        charge.entries().stream().filter(entry -> entry.cost() < 0).map(Charge.Entry::key).toList();
    return delegate().decide(charge).whenComplete((answer, failure) -> generations.end(keys));
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    return delegate().reset(keys).whenComplete((count, failure) -> generations.end(keys));
  }

  /** Of how many questions a denial is remembered; some of these may be over. */
  public long size() {
    denials.cleanUp();
    return denials.estimatedSize();
  }

  @Override
  public String toString() {
    return delegate() + " behind a cache of denials";
  }
}
