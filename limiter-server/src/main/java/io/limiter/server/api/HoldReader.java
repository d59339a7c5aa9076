package io.limiter.server.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.limiter.ledger.Ending;
import io.limiter.server.access.Asker;
import io.limiter.server.decide.HoldReceipt;
import io.limiter.server.decide.HoldRequest;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.SettleRequest;
import java.util.List;
import java.util.Map;

/** Reads what is asked of holds. Each method throws what it finds wrong, all at once. */
final class HoldReader {
  private static final HoldReceipt NOTHING = new HoldReceipt("", null, List.of());
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long LONGEST_MICROS = 366L * 86_400 * MICROS_PER_SECOND;

  private final RequestReader costs;

  HoldReader(RequestReader costs) {
    this.costs = costs;
  }

  HoldRequest settle(Asker who, SettleRequest wire, long waitNanos) {
    Violations violations = new Violations();
    HoldReceipt receipt = receipt(who, wire.getReceipt(), violations);
    long cost = wire.hasCost() ? wire.getCost() : 1;
    violations.checkCount("cost", cost, 0);
    costs.checkUnitCosts("unit_costs", wire.getUnitCostsMap(), violations);
    violations.throwIfAny();
    return new HoldRequest(Ending.What.SETTLE, receipt, cost, wire.getUnitCostsMap(), 0, waitNanos);
  }

  HoldRequest release(Asker who, ReleaseRequest wire, long waitNanos) {
    return release(who, wire.getReceipt(), waitNanos);
  }

  /** The same by the receipt alone. */
  HoldRequest release(Asker who, ByteString bytes, long waitNanos) {
    Violations violations = new Violations();
    HoldReceipt receipt = receipt(who, bytes, violations);
    violations.throwIfAny();
    return new HoldRequest(Ending.What.RELEASE, receipt, 0, Map.of(), 0, waitNanos);
  }

  HoldRequest extend(Asker who, ExtendRequest wire, long waitNanos) {
    Violations violations = new Violations();
    HoldReceipt receipt = receipt(who, wire.getReceipt(), violations);
    if (!wire.hasHold()) {
      violations.add("hold", "is missing; say for how long from now");
    }
    long micros = micros(wire.getHold(), violations);
    violations.checkCount("more_cost", wire.getMoreCost(), 0);
    costs.checkUnitCosts("more_unit_costs", wire.getMoreUnitCostsMap(), violations);
    violations.throwIfAny();
    return new HoldRequest(
        Ending.What.EXTEND,
        receipt,
        wire.getMoreCost(),
        wire.getMoreUnitCostsMap(),
        micros,
        waitNanos);
  }

  /** How long a hold is to last, in microseconds, rounded up; at most 366 days count. */
  static long micros(Duration wire, Violations violations) {
    long seconds = wire.getSeconds();
    long nanos = wire.getNanos();
    if (seconds < 0 || nanos < 0 || nanos > 999_999_999 || seconds + nanos == 0) {
      violations.add(
          "hold",
          "is %d s and %d ns; use a positive duration, with 0 to 999999999 ns"
              .formatted(seconds, nanos));
      return 0;
    }
    return seconds >= LONGEST_MICROS / MICROS_PER_SECOND
        ? LONGEST_MICROS
        : seconds * MICROS_PER_SECOND + (nanos + 999) / 1_000;
  }

  private static HoldReceipt receipt(Asker who, ByteString wire, Violations violations) {
    if (wire.size() > HoldReceipt.MOST_BYTES) {
      violations.add(
          "receipt",
          "is %d bytes long; pass the bytes that came with the answer, at most %d"
              .formatted(wire.size(), HoldReceipt.MOST_BYTES));
      return NOTHING;
    }
    byte[] bytes = RequestReader.opened(who, wire, violations);
    if (bytes.length == 0) {
      return NOTHING;
    }
    if (!HoldReceipt.isMeant(bytes)) {
      violations.add(
          "receipt",
          "is none of a hold (%d bytes); pass the bytes that came with the answer to a question"
                  .formatted(bytes.length)
              + " with hold");
      return NOTHING;
    }
    try {
      return HoldReceipt.of(bytes);
    } catch (IllegalArgumentException notOurs) {
      violations.add(
          "receipt",
          "is not as it came with the answer (%d bytes); pass its bytes unchanged"
              .formatted(bytes.length));
      return NOTHING;
    }
  }
}
