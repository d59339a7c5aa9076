package io.limiter.client;

import io.grpc.Context;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.SettleResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What questions hold, by their receipts, also those of another process. Where one block of code
 * takes the hold and ends it, the room {@code hold} has something shorter, {@code Holding}.
 *
 * <p>Every method throws an {@link UnreachableException} when no answer came, and an {@link
 * InvalidRequestException} if the receipt is none of a hold. Futures fail with them, and with an
 * {@link IllegalStateException} after {@link LimiterClient#close}. Costs are 0 to 2^52.
 * Thread-safe.
 */
public final class Holds {
  private final Calls calls;
  private final Checks checks;

  Holds(Calls calls, Checks checks) {
    this.calls = calls;
    this.checks = checks;
  }

  /** How a hold stood when its end was asked for. */
  public enum End {
    /** Ended by this call. Of a renewal: it had not ended. */
    ENDED,
    /** Ended by an earlier call, if only by one whose answer was lost: nothing changed. */
    ENDED_BEFORE,
    /** It had ended by itself. A settlement was charged all the same, once. */
    EXPIRED,
    /** The service knows no such hold, or no longer. A settlement was not charged. */
    UNKNOWN,
    /** The admission had no receipt, as nothing was held: nobody was asked. */
    NOTHING_HELD
  }

  /**
   * What a settlement came to.
   *
   * @param end how the hold stood
   * @param statuses one for each rule that held
   */
  public record Settlement(End end, List<RuleStatus> statuses) {
    public Settlement {
      statuses = List.copyOf(statuses);
    }
  }

  /**
   * What a renewal came to.
   *
   * @param extended whether it goes on, with all that was asked for
   * @param end how the hold stood
   * @param statuses one for each rule that holds. If it was not extended, their {@code remaining}
   *     says how much more would have fitted
   */
  public record Extension(boolean extended, End end, List<RuleStatus> statuses) {
    public Extension {
      statuses = List.copyOf(statuses);
    }
  }

  /**
   * Puts what was really used in the place of what is held. Less than was held is free at once.
   * More is charged all the same, and owed. Safe to call again.
   *
   * @param cost what rules that count requests are charged
   * @param unitCosts the same by units; one that is not named was not used
   */
  public Settlement settle(Receipt receipt, long cost, Map<String, Long> unitCosts) {
    return outliving(() -> calls.blocking(checks.settle(receipt, cost(cost), costs(unitCosts))));
  }

  /** The same, without waiting. */
  public CompletableFuture<Settlement> settleAsync(
      Receipt receipt, long cost, Map<String, Long> unitCosts) {
    return outliving(() -> calls.async(checks.settle(receipt, cost(cost), costs(unitCosts))));
  }

  /** Ends what is held as if nothing had been used. Safe to call again. */
  public End release(Receipt receipt) {
    return outliving(() -> calls.blocking(checks.release(receipt)));
  }

  /** The same, without waiting. */
  public CompletableFuture<End> releaseAsync(Receipt receipt) {
    return outliving(() -> calls.async(checks.release(receipt)));
  }

  /**
   * Renews what is held, and asks for more of it. What does not fit is refused whole: then the hold
   * stays as it was. With more it is not safe to call again: each call that comes through asks for
   * more. So it is not repeated by itself either.
   *
   * @param hold for how long from now; positive, and at most as long as the rule says. It never
   *     ends sooner for this
   * @param moreCost how much more of rules that count requests; 0 renews alone
   * @param moreUnitCosts the same by units
   */
  public Extension extend(
      Receipt receipt, Duration hold, long moreCost, Map<String, Long> moreUnitCosts) {
    return calls.blocking(extending(receipt, hold, moreCost, moreUnitCosts));
  }

  /** The same, without waiting. */
  public CompletableFuture<Extension> extendAsync(
      Receipt receipt, Duration hold, long moreCost, Map<String, Long> moreUnitCosts) {
    return calls.async(extending(receipt, hold, moreCost, moreUnitCosts));
  }

  /**
   * Sends in a context that is not cancelled with the current one. In a server of gRPC that one is
   * cancelled once a call is over, which is when its hold is ended.
   */
  private static <T> T outliving(Supplier<T> sending) {
    Context lasting = Context.current().fork();
    Context before = lasting.attach();
    try {
      return sending.get();
    } finally {
      lasting.detach(before);
    }
  }

  private Call<?, ?, Extension> extending(
      Receipt receipt, Duration hold, long moreCost, Map<String, Long> moreUnitCosts) {
    return checks.extend(
        receipt, CheckRequest.positive("hold", hold), cost(moreCost), costs(moreUnitCosts));
  }

  private static long cost(long cost) {
    return notNegative("cost", cost);
  }

  private static Map<String, Long> costs(Map<String, Long> unitCosts) {
    unitCosts.forEach((unit, cost) -> notNegative("unit_costs[" + unit + "]", cost));
    return unitCosts;
  }

  private static long notNegative(String field, long value) {
    if (value < 0) {
      // On the wire a negative number would turn into one near 2^64.
      throw new InvalidRequestException(field, value + " is below 0; pass 0 or more");
    }
    return value;
  }

  static Settlement settlement(SettleResponse response) {
    return new Settlement(
        end(response.getEnd()), response.getStatusesList().stream().map(Wire::status).toList());
  }

  static Extension extension(ExtendResponse response) {
    return new Extension(
        response.getExtended(),
        end(response.getEnd()),
        response.getStatusesList().stream().map(Wire::status).toList());
  }

  static End end(HoldEnd end) {
    return switch (end) {
      case ENDED -> End.ENDED;
      case ENDED_BEFORE -> End.ENDED_BEFORE;
      case EXPIRED -> End.EXPIRED;
      case UNKNOWN_HOLD, HOLD_END_UNSPECIFIED, UNRECOGNIZED -> End.UNKNOWN;
    };
  }
}
