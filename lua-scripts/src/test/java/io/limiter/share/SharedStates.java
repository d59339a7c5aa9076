package io.limiter.share;

import io.limiter.algorithm.CounterState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** What Redis stores of a pool that tenants share, in hexadecimal; empty for nothing. */
public final class SharedStates {
  private SharedStates() {}

  /** When what is stored beside the counter ends, in microseconds since the epoch. */
  public static long endMicros(CounterState state) {
    Sharers all = state instanceof SharedState shared ? shared.sharers() : null;
    return all == null ? 0 : all.endMicros();
  }

  /** Who is active. */
  public static String sharers(CounterState state) {
    Sharers all = state instanceof SharedState shared ? shared.sharers() : null;
    return all == null
        ? ""
        : hex(
            all.since(),
            all.start(),
            all.stop(),
            all.guarantees().before(),
            all.guarantees().asked(),
            all.guarantees().fresh(),
            all.weights().before(),
            all.weights().asked(),
            all.weights().fresh(),
            all.level(),
            all.base());
  }

  /** A tenant's record. */
  public static String tenant(CounterState state, String tenant) {
    Sharer one = state instanceof SharedState shared ? shared.tenants().get(tenant) : null;
    return one == null
        ? ""
        : hex(
            one.since(),
            one.stop(),
            one.at(),
            one.held(),
            one.guarantee(),
            one.tag(),
            one.lent(),
            one.weight());
  }

  private static String hex(Number... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(1 + 8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 1);
    for (Number number : numbers) {
      bytes.putDouble(number.doubleValue());
    }
    return HexFormat.of().formatHex(bytes.array());
  }
}
