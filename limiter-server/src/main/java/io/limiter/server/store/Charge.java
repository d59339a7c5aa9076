package io.limiter.server.store;

import io.limiter.algorithm.Limit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One question to the counters: admitted only if every enforced entry admits, and only then
 * charged.
 *
 * @param enforced the counters that decide
 * @param shadow the counters that are evaluated after the enforced ones, and charged only if the
 *     question was admitted and they admit too
 * @param wantReceipt whether a record is to be kept by which the charge can be given back
 * @param idempotency how a repetition of the question is recognised, if the caller gave a key
 */
public record Charge(
    List<Entry> enforced,
    List<Entry> shadow,
    boolean wantReceipt,
    @Nullable Idempotency idempotency) {

  public Charge {
    enforced = List.copyOf(enforced);
    shadow = List.copyOf(shadow);
  }

  /**
   * One counter and what it is asked for.
   *
   * @param key the counter's whole Redis key
   * @param cost 0 to 2^52; 0 looks without charging
   */
  public record Entry(String key, Limit limit, long cost) {}

  /**
   * A question's identity.
   *
   * @param key the Redis key under which the first answer is kept for a minute
   * @param fingerprint what was asked, so that a key used again for something else is told apart
   */
  public record Idempotency(String key, String fingerprint) {}
}
