package io.limiter.client.hold;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.limiter.client.Decision;
import io.limiter.client.Holds;
import io.limiter.client.Receipt;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Room that is taken until it is closed. It is renewed at each third of the time that it lasts, so
 * two renewals may fail. If the process dies it ends by itself within that time. Thread-safe.
 */
public final class Permit implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Permit.class.getName());
  private static final int PARTS = 3;
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final Holds holds;
  private final Decision decision;
  private final Optional<Duration> lasts;
  private final Optional<Receipt> receipt;
  private final Consumer<Permit> onLost;
  private final Timing timing;

  @GuardedBy("this")
  private State state = State.HELD;

  /** It ends no sooner, as far as is known. */
  @GuardedBy("this")
  private long untilNanos;

  @GuardedBy("this")
  private @Nullable Future<?> renewal;

  private enum State {
    HELD,
    LOST,
    CLOSED
  }

  Permit(
      Holds holds,
      Decision decision,
      Optional<Duration> lasts,
      Consumer<Permit> onLost,
      Timing timing) {
    this.holds = holds;
    this.decision = decision;
    this.lasts = lasts;
    // Else it is a receipt of what was charged for good.
    this.receipt = lasts.isPresent() ? decision.receipt() : Optional.empty();
    this.onLost = onLost;
    this.timing = timing;
  }

  /** Begins to renew it, if it holds anything. */
  void start() {
    if (receipt.isPresent() && lasts.isPresent()) {
      long nanos = nanos(lasts.get());
      // It has waited for its turn meanwhile.
      long waited = nanos(decision.delay());
      synchronized (this) {
        untilNanos = timing.nanoTime() + nanos - waited;
        renewal =
            timing.after(
                Math.max(0, nanos / PARTS - waited),
                () -> renew(receipt.get(), lasts.get(), nanos));
      }
    }
  }

  /** By which decision it was given. */
  public Decision decision() {
    return decision;
  }

  /**
   * Whether it is still good: until it is closed, or lost. It is lost when the service says that
   * its hold has ended, or when no renewal got through for as long as it lasts. One that holds
   * nothing cannot be lost.
   */
  public synchronized boolean isHeld() {
    return state == State.HELD && (renewal == null || timing.nanoTime() - untilNanos < 0);
  }

  /**
   * Gives the room back, once. Does not wait for the service and throws nothing: a release that
   * fails is made up for when the hold ends by itself.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
      Future<?> renewal = this.renewal;
      if (renewal != null) {
        renewal.cancel(false);
      }
    }
    receipt.ifPresent(one -> ended(holds.releaseAsync(one)));
  }

  static void ended(CompletionStage<?> end) {
    var unused =
        end.exceptionally(
            failure -> {
              LOG.log(Level.DEBUG, "A hold was not ended; it ends by itself", failure);
              return null;
            });
  }

  private void renew(Receipt receipt, Duration lasts, long nanos) {
    long sent = timing.nanoTime();
    if (!isHeld()) {
      lose();
      return;
    }
    synchronized (this) {
      if (state != State.HELD) {
        return;
      }
      renewal = timing.after(nanos / PARTS, () -> renew(receipt, lasts, nanos));
    }
    var unused =
        holds
            .extendAsync(receipt, lasts, 0, Map.of())
            .whenComplete(
                (extension, failure) -> {
                  // Without an answer it may be renewed or not: the next third asks again.
                  if (failure == null && extension.extended()) {
                    renewed(sent + nanos);
                  } else if (failure == null) {
                    lose();
                  }
                });
  }

  /** By the clock of {@link Timing}. */
  synchronized long untilNanos() {
    return untilNanos;
  }

  private synchronized void renewed(long untilNanos) {
    // Answers may come in another order.
    this.untilNanos = Math.max(this.untilNanos - untilNanos, 0) + untilNanos;
  }

  private void lose() {
    synchronized (this) {
      if (state != State.HELD) {
        return;
      }
      state = State.LOST;
      Future<?> renewal = this.renewal;
      if (renewal != null) {
        renewal.cancel(false);
      }
    }
    try {
      onLost.accept(this);
    } catch (RuntimeException fault) {
      LOG.log(Level.WARNING, "The listener of lost permits has failed", fault);
    }
  }

  /** Of more than a century, so many. */
  private static long nanos(Duration duration) {
    return duration.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : duration.toNanos();
  }
}
