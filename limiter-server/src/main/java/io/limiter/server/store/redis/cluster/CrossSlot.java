package io.limiter.server.store.redis.cluster;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether one call to a primary may touch keys of several of its slots. Such a call declares none,
 * since declared keys have to lie in one slot. So nothing is redirected before it runs. Instead it
 * has to be refused each key that the primary does not hold: otherwise a counter would be counted
 * in two places. Redis does that, but what only looks like one may not. So a primary is asked for a
 * key of another first. Until it refuses, each slot has a call of its own. Safe to call from any
 * thread.
 */
public final class CrossSlot {
  private static final Logger log = LoggerFactory.getLogger(CrossSlot.class);

  /** In the words of all versions of Redis and Valkey. */
  private static final String REFUSAL = "attempted to access a non local key";

  /** Before it is asked again, and before calls cross slots again that were mostly refused. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** A slot may be on its way while its new holder is asked for it. */
  private static final int LOGGED_AFTER = 3;

  private final String address;
  private final Supplier<OptionalInt> slotElsewhere;
  private final IntFunction<? extends CompletionStage<String>> ask;
  private final LongSupplier nanoTime;
  private final AtomicLong nextNanos;
  private volatile boolean refuses;
  private final AtomicInteger asked = new AtomicInteger();

  /**
   * Nothing is known yet.
   *
   * @param slotElsewhere a slot that another primary holds, if one does
   * @param ask what the primary says to a script that touches a key of a slot; empty if nothing
   */
  public CrossSlot(
      String address,
      Supplier<OptionalInt> slotElsewhere,
      IntFunction<? extends CompletionStage<String>> ask,
      LongSupplier nanoTime) {
    this.address = address;
    this.slotElsewhere = slotElsewhere;
    this.ask = ask;
    this.nanoTime = nanoTime;
    nextNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /** Whether a call may touch several slots now. */
  public boolean isPossible() {
    long now = nanoTime.getAsLong();
    long next = nextNanos.get();
    if (now - next < 0) {
      return false;
    }
    if (!refuses && nextNanos.compareAndSet(next, now + PAUSE.toNanos())) {
      slotElsewhere.get().ifPresent(this::askFor);
    }
    return refuses;
  }

  private void askFor(int slot) {
    var unused =
        ask.apply(slot)
            .whenComplete((said, failure) -> heard(failure == null ? said : failure.toString()));
  }

  private void heard(String said) {
    if (said.contains(REFUSAL)) {
      nextNanos.set(nanoTime.getAsLong());
      refuses = true;
    } else if (asked.incrementAndGet() == LOGGED_AFTER) {
      log.warn(
          "{} is asked slot by slot, which costs it several times as much: it is no Redis that"
              + " refuses scripts what others hold, and said: {}",
          address,
          said);
    }
  }

  /**
   * What became of a call that touched several slots. One that was mostly refused costs more than
   * it saves, so the next ones wait for a moment.
   */
  public void answered(int questions, int refused) {
    if (2 * refused > questions) {
      nextNanos.set(nanoTime.getAsLong() + PAUSE.toNanos());
    }
  }
}
