package example.llm;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.Holds;
import io.limiter.client.UnreachableException;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.hold.Holding;
import io.limiter.client.hold.Reservation;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What one call may use. It is held and renewed until the call is over. For one thread. */
final class Budget implements AutoCloseable {
  private static final int RENEWALS_A_HOLD = 3;

  private final Reservation reservation;
  private final Future<?> renewal;
  private final long piece;

  /** So many output tokens are held. */
  private long room;

  private volatile boolean over;

  /**
   * Takes it.
   *
   * @param most names the caller, the most that the call can cost, and for how long that is held
   * @param output the output tokens among it
   * @param piece how many more to ask for, when these do not suffice
   * @throws DeniedException if there is no room
   */
  Budget(
      Holding holding,
      ScheduledExecutorService renewals,
      CheckRequest most,
      long output,
      long piece) {
    this.reservation = holding.reserve(most);
    this.room = output;
    this.piece = piece;
    long third = most.holds().orElseThrow().toNanos() / RENEWALS_A_HOLD;
    this.renewal = renewals.scheduleWithFixedDelay(this::renew, third, third, TimeUnit.NANOSECONDS);
  }

  /** By which decision it was given. */
  Decision decision() {
    return reservation.decision();
  }

  /** Without an answer the hold may be renewed or not: the next third asks again. */
  private void renew() {
    var unused = reservation.extendAsync(Map.of()).thenAccept(this::heard);
  }

  private void heard(Holds.Extension extension) {
    if (!extension.extended()) {
      over = true;
    }
  }

  /** Whether the call may go on. It may not once a renewal was refused, or another piece. */
  boolean isHeld() {
    return !over;
  }

  /** Whether an answer may be so long. Takes more if need be. */
  boolean hasRoomFor(long output) {
    while (output > room && !over) {
      try {
        heard(reservation.extend(Map.of("output_tokens", piece)));
      } catch (UnreachableException noAnswer) {
        // A stream that has begun goes on. What flows is charged in the end.
      }
      room += piece;
    }
    return !over;
  }

  /**
   * Puts what was used in the place of what was held.
   *
   * @throws UnreachableException if no answer came; closing it sends it again
   */
  void settle(long input, long output) {
    renewal.cancel(false);
    reservation.settle(Map.of("input_tokens", input, "output_tokens", output));
  }

  /** What was not settled is free again. */
  @Override
  public void close() {
    renewal.cancel(false);
    reservation.close();
  }
}
