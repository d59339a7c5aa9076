package io.limiter.client.hold;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.limiter.client.Decision;
import io.limiter.client.Holds;
import io.limiter.client.Receipt;
import io.limiter.client.UnreachableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What something may cost, held until it is known what it did cost. It ends once: by a settlement
 * or by a release. Thread-safe.
 *
 * <p>The methods throw an {@link UnreachableException} when no answer came, and futures fail with
 * it. Then a settlement or a release may be called again, and {@link #close} sends it again. Costs
 * are 0 to 2^52.
 *
 * <p>One that holds nothing asks nobody: it ends with {@link Holds.End#NOTHING_HELD}, and every
 * renewal goes on.
 */
public final class Reservation implements AutoCloseable {
  private final Holds holds;
  private final Decision decision;
  private final Duration hold;

  @GuardedBy("this")
  private @Nullable Use use;

  @GuardedBy("this")
  private boolean sending;

  @GuardedBy("this")
  private boolean ended;

  @GuardedBy("this")
  private boolean closed;

  /** What ends it. */
  private record Use(boolean settles, long cost, Map<String, Long> unitCosts) {
    static final Use NONE = new Use(false, 0, Map.of());
  }

  Reservation(Holds holds, Decision decision, Duration hold) {
    this.holds = holds;
    this.decision = decision;
    this.hold = hold;
  }

  /** By which decision it was given. */
  public Decision decision() {
    return decision;
  }

  /**
   * Puts what was really used in the place of what was reserved. Less is free at once. More is
   * charged all the same, and owed.
   *
   * @param cost what rules that count requests are charged
   * @param unitCosts the same by units; one that is not named was not used
   * @throws IllegalStateException if it has ended, or is ended otherwise
   */
  public Holds.Settlement settle(long cost, Map<String, Long> unitCosts) {
    Optional<Receipt> receipt = begin(new Use(true, cost, Map.copyOf(unitCosts)));
    try {
      Holds.Settlement settlement =
          receipt
              .map(one -> holds.settle(one, cost, unitCosts))
              .orElseGet(() -> new Holds.Settlement(Holds.End.NOTHING_HELD, List.of()));
      end(null);
      return settlement;
    } catch (RuntimeException failure) {
      end(failure);
      throw failure;
    }
  }

  /** The same for one request. */
  public Holds.Settlement settle(Map<String, Long> unitCosts) {
    return settle(1, unitCosts);
  }

  /** The same without waiting. */
  public CompletableFuture<Holds.Settlement> settleAsync(long cost, Map<String, Long> unitCosts) {
    Use settlement = new Use(true, cost, Map.copyOf(unitCosts));
    return begin(settlement)
        .map(receipt -> ended(send(receipt, settlement)))
        .orElseGet(
            () -> {
              end(null);
              return CompletableFuture.completedFuture(
                  new Holds.Settlement(Holds.End.NOTHING_HELD, List.of()));
            });
  }

  /** The same for one request. */
  public CompletableFuture<Holds.Settlement> settleAsync(Map<String, Long> unitCosts) {
    return settleAsync(1, unitCosts);
  }

  /**
   * Ends it as if nothing had been used.
   *
   * @throws IllegalStateException if it has ended, or is ended otherwise
   */
  public Holds.End release() {
    Optional<Receipt> receipt = begin(Use.NONE);
    try {
      Holds.End how = receipt.map(holds::release).orElse(Holds.End.NOTHING_HELD);
      end(null);
      return how;
    } catch (RuntimeException failure) {
      end(failure);
      throw failure;
    }
  }

  /** The same without waiting. */
  public CompletableFuture<Holds.End> releaseAsync() {
    return begin(Use.NONE)
        .map(receipt -> ended(holds.releaseAsync(receipt)))
        .orElseGet(
            () -> {
              end(null);
              return CompletableFuture.completedFuture(Holds.End.NOTHING_HELD);
            });
  }

  /**
   * Holds it for as long again from now, and asks for more. What does not fit is refused whole:
   * then the reservation stays as it was. It is sent at most once if it asks for more.
   *
   * @param moreCost how much more of rules that count requests; 0 renews alone
   * @param moreUnitCosts the same by units
   * @throws IllegalStateException if it has ended
   */
  public Holds.Extension extend(long moreCost, Map<String, Long> moreUnitCosts) {
    return open()
        .map(receipt -> holds.extend(receipt, hold, moreCost, moreUnitCosts))
        .orElseGet(Reservation::goesOn);
  }

  /** The same of units alone. */
  public Holds.Extension extend(Map<String, Long> moreUnitCosts) {
    return extend(0, moreUnitCosts);
  }

  /** The same without waiting. */
  public CompletableFuture<Holds.Extension> extendAsync(
      long moreCost, Map<String, Long> moreUnitCosts) {
    return open()
        .map(receipt -> holds.extendAsync(receipt, hold, moreCost, moreUnitCosts))
        .orElseGet(() -> CompletableFuture.completedFuture(goesOn()));
  }

  /** The same of units alone. */
  public CompletableFuture<Holds.Extension> extendAsync(Map<String, Long> moreUnitCosts) {
    return extendAsync(0, moreUnitCosts);
  }

  /**
   * Releases what has not ended; what was settled or released without an answer is sent again. Does
   * not wait for the service and throws nothing: what fails ends by itself.
   */
  @Override
  public void close() {
    boolean waits;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      waits = sending;
    }
    if (!waits) {
      endAtLast();
    }
  }

  private void endAtLast() {
    Use last;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      last = use;
    }
    decision
        .receipt()
        .ifPresent(
            receipt ->
                Permit.ended(
                    last == null || !last.settles
                        ? holds.releaseAsync(receipt)
                        : send(receipt, last)));
  }

  private CompletableFuture<Holds.Settlement> send(Receipt receipt, Use settlement) {
    try {
      return holds.settleAsync(receipt, settlement.cost, settlement.unitCosts);
    } catch (RuntimeException wrong) {
      return CompletableFuture.failedFuture(wrong);
    }
  }

  private synchronized Optional<Receipt> begin(Use next) {
    Use before = use;
    if (closed || ended || (before != null && !before.equals(next))) {
      throw new IllegalStateException(
          "the reservation has ended or is about to, by %s; settle or release it once"
              .formatted(before == null ? "close" : before.settles ? "a settlement" : "a release"));
    }
    use = next;
    sending = true;
    return decision.receipt();
  }

  private synchronized Optional<Receipt> open() {
    if (closed || ended || use != null) {
      throw new IllegalStateException("the reservation has ended; reserve anew");
    }
    return decision.receipt();
  }

  /** Of what was not answered it is not known; what was wrong has ended nothing. */
  private void end(@Nullable Throwable failure) {
    boolean last;
    synchronized (this) {
      sending = false;
      ended = failure == null;
      if (failure != null && !isUnanswered(failure)) {
        use = null;
      }
      last = closed;
    }
    if (last) {
      endAtLast();
    }
  }

  private static boolean isUnanswered(Throwable failure) {
    return failure instanceof UnreachableException
        || (failure instanceof CompletionException wrapped
            && wrapped.getCause() instanceof UnreachableException);
  }

  private <T> CompletableFuture<T> ended(CompletableFuture<T> answer) {
    return answer.whenComplete((value, failure) -> end(failure));
  }

  private static Holds.Extension goesOn() {
    return new Holds.Extension(true, Holds.End.NOTHING_HELD, List.of());
  }
}
