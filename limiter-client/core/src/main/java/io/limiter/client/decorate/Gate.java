package io.limiter.client.decorate;

import io.limiter.client.CheckRequest;
import io.limiter.client.RuleStatus;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Until when nobody of this process need ask: since the service denied, or the upstream refused.
 * After that it stays closed for a random time more, full jitter, which grows with what was denied
 * or refused in a row. Reads no clock. Not thread-safe.
 */
final class Gate {
  private static final long FIRST_GUESS_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_DOUBLINGS = 6;

  /** Far enough, and no sum of two overflows. */
  private static final long FOREVER = Long.MAX_VALUE / 4;

  private long closedUntil;
  private long blockedUntil;

  /** What was denied last. */
  private @Nullable CheckRequest denied;

  private long deniedUntil;
  private List<RuleStatus> statuses = List.of();
  private int denials;
  private int refusals;
  private long lastRefusal;

  Gate(long nowNanos) {
    closedUntil = nowNanos;
    blockedUntil = nowNanos;
    deniedUntil = nowNanos;
    lastRefusal = nowNanos;
  }

  /** How long nobody asks; 0 or less: not at all. */
  long waitNanos(long nowNanos) {
    return closedUntil - nowNanos;
  }

  /** For how long there is certainly no room for this one; 0 or less: that is not known. */
  long noRoomNanos(CheckRequest request, long nowNanos) {
    long blocked = blockedUntil - nowNanos;
    // What costs otherwise may find room sooner.
    return request == denied ? Math.max(blocked, deniedUntil - nowNanos) : blocked;
  }

  /** What the rules said with which this one has no room; empty if the upstream refuses. */
  List<RuleStatus> statuses(CheckRequest request, long nowNanos) {
    return request == denied && deniedUntil - nowNanos > 0 ? statuses : List.of();
  }

  void admitted() {
    denials = 0;
  }

  /** The service denied, for so long. */
  void denied(
      CheckRequest request, List<RuleStatus> by, long nowNanos, long wait, long mostJitter) {
    denied = request;
    statuses = by;
    deniedUntil = nowNanos + Math.min(wait, FOREVER);
    closeUntil(deniedUntil + Math.min(Turn.jitterNanos(denials++), mostJitter), nowNanos);
  }

  /** Whether a call was begun after the last refusal was known. */
  boolean isNewTo(long startNanos) {
    return startNanos - lastRefusal >= 0;
  }

  /** The upstream took a call. */
  void taken(long startNanos) {
    refusals = isNewTo(startNanos) ? 0 : refusals;
  }

  /**
   * The upstream refused a call.
   *
   * @param said for how long; 0 if it did not say
   * @return for how long it takes nothing. If it did not say: a second, doubling up to a minute
   */
  long refused(long startNanos, long nowNanos, long said) {
    refusals += isNewTo(startNanos) ? 1 : 0;
    lastRefusal = nowNanos;
    return said > 0 ? said : FIRST_GUESS_NANOS << Math.min(refusals - 1, MOST_DOUBLINGS);
  }

  /** The upstream takes nothing for so long. */
  void blocked(long nowNanos, long wait, long mostJitter) {
    long until = nowNanos + Math.min(wait, FOREVER);
    blockedUntil = until - blockedUntil > 0 ? until : blockedUntil;
    closeUntil(until + Math.min(Turn.jitterNanos(refusals), mostJitter), nowNanos);
  }

  /** For how long a call is held back after it was refused, when nobody counts for all. */
  long spreadNanos() {
    return refusals > 0 ? Turn.jitterNanos(refusals) : 0;
  }

  private void closeUntil(long until, long nowNanos) {
    closedUntil = until - nowNanos > closedUntil - nowNanos ? until : closedUntil;
  }
}
