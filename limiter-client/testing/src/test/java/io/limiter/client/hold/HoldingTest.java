package io.limiter.client.hold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.limiter.client.CheckRequest;
import io.limiter.client.Decision.DenialKind;
import io.limiter.client.Holds;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Permits last as long as they are held, no longer, and are given back. */
@Timeout(60)
final class HoldingTest {
  /** Long enough for any machine; a test that passes never waits so long. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration THIRD = Duration.ofSeconds(20);
  private static final CheckRequest QUESTION = CheckRequest.in("exports").attribute("user", "al");

  private final FakeLimiter fake = FakeLimiter.start();
  private final FakeTiming timing = new FakeTiming();
  private final ConcurrentLinkedQueue<Permit> lost = new ConcurrentLinkedQueue<>();
  private final Holding holding = Holding.by(fake.client(), timing).onLost(lost::add);

  @AfterEach
  void close() {
    fake.close();
  }

  private static void until(BooleanSupplier condition) {
    long sinceNanos = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - sinceNanos < PATIENCE.toNanos(), "it never came");
      Thread.onSpinWait();
    }
  }

  /** Time of the service and of the client. */
  private void pass(Duration time) {
    timing.pass(time);
    fake.advance(time);
  }

  @Test
  void room_isThereAgain_whenAPermitIsClosed_once() {
    fake.concurrency("at-once", 1, MINUTE, "user");
    Permit permit = holding.acquire(QUESTION);
    assertTrue(permit.isHeld());
    assertEquals(1, permit.decision().statuses().get(0).held());
    DeniedException denied = assertThrows(DeniedException.class, () -> holding.acquire(QUESTION));
    assertEquals(DenialKind.CONCURRENCY, denied.decision().kind().orElseThrow());
    permit.close();
    permit.close();
    assertFalse(permit.isHeld());
    until(() -> fake.held() == 0);
    holding.acquire(QUESTION).close();
    until(() -> fake.released() == 2);
    assertEquals(0, timing.pending());
    assertTrue(lost.isEmpty());
  }

  @Test
  void aPermit_isRenewedAtEachThird_untilItIsClosed() {
    fake.concurrency("at-once", 1, MINUTE, "user");
    Permit permit = holding.acquire(QUESTION);
    for (int thirds = 1; thirds <= 9; thirds++) {
      pass(THIRD);
      until(() -> permit.untilNanos() == timing.nanoTime() + MINUTE.toNanos());
      assertEquals(thirds, fake.renewed());
      assertEquals(1, fake.held());
      assertTrue(permit.isHeld());
    }
    permit.close();
    pass(MINUTE);
    assertEquals(9, fake.renewed());
    assertEquals(0, fake.held());
    assertTrue(lost.isEmpty());
  }

  @Test
  void theShortestTimeCounts_ofTheRequestAndOfConcurrencyLimits() {
    fake.concurrency("at-once", 5, MINUTE, "user");
    Permit shorter = holding.acquire(QUESTION.hold(Duration.ofSeconds(30)));
    Permit longer = holding.acquire(QUESTION.hold(Duration.ofHours(1)));
    pass(Duration.ofSeconds(10));
    until(() -> fake.renewed() == 1);
    pass(Duration.ofSeconds(10));
    until(() -> fake.renewed() == 3);
    shorter.close();
    longer.close();
  }

  @Test
  void aPermitWhoseHoldHasEnded_isLost_andThatIsToldOnce() {
    fake.concurrency("at-once", 1, MINUTE, "user");
    Permit permit = holding.acquire(QUESTION);
    fake.advance(MINUTE);
    timing.pass(THIRD);
    until(() -> !lost.isEmpty());
    assertFalse(permit.isHeld());
    timing.pass(MINUTE);
    assertEquals(List.of(permit), List.copyOf(lost));
    assertEquals(0, timing.pending());
    permit.close();
  }

  @Test
  void aPermitThatNoRenewalReached_isLostWhenItsTimeIsOver_notSooner() {
    fake.concurrency("at-once", 1, MINUTE, "user");
    LimiterClient client = LimiterClient.over(fake.channel()).build();
    Permit permit = Holding.by(client, timing).onLost(lost::add).acquire(QUESTION);
    client.close();
    timing.pass(MINUTE.minusNanos(1));
    assertTrue(permit.isHeld());
    assertTrue(lost.isEmpty());
    timing.pass(Duration.ofNanos(1));
    assertFalse(permit.isHeld());
    assertEquals(List.of(permit), List.copyOf(lost));
    permit.close();
  }

  @Test
  void aListenerThatFails_failsNothing() {
    fake.concurrency("at-once", 1, MINUTE, "user");
    Permit permit =
        Holding.by(fake.client(), timing)
            .onLost(
                one -> {
                  lost.add(one);
                  throw new IllegalStateException("a listener at fault");
                })
            .acquire(QUESTION);
    fake.advance(MINUTE);
    timing.pass(THIRD);
    until(() -> !lost.isEmpty());
    permit.close();
  }

  @Test
  void timeThatWasSpentWaitingForATurn_isTakenOff() {
    fake.concurrency("at-once", 1, MINUTE, "user").admit(Duration.ofMillis(1));
    Permit permit = holding.acquire(QUESTION.hold(MINUTE));
    timing.pass(THIRD.minusMillis(1));
    until(() -> fake.renewed() == 1);
    permit.close();
  }

  @Test
  void whatIsAdmittedWithoutAnAnswer_holdsNothing_andWhatIsNot_isDenied() {
    fake.fail(Status.UNAVAILABLE);
    Permit permit = holding.acquire(QUESTION.hold(MINUTE));
    assertTrue(permit.isHeld());
    assertEquals(0, timing.pending());
    timing.pass(MINUTE);
    assertTrue(permit.isHeld());
    permit.close();
    assertFalse(permit.isHeld());
    fake.fail(Status.UNAVAILABLE);
    assertThrows(
        DeniedException.class,
        () -> holding.acquire(QUESTION.hold(MINUTE).onUnreachable(OnUnreachable.CLOSED)));
    assertEquals(0, fake.released() + fake.renewed() + lost.size());
  }

  /** Its receipt is for a refund: nothing ends by itself. */
  @Test
  void whatWasChargedForGood_isNeitherRenewedNorReleased() {
    fake.limit("per-user", 5, MINUTE, "user");
    Permit permit = holding.acquire(QUESTION.receipt());
    assertEquals(0, timing.pending());
    timing.pass(MINUTE);
    permit.close();
    assertTrue(lost.isEmpty());
    assertEquals(0, fake.refunded());
  }

  @Test
  void whoWaits_getsTheRoomThatComesFree() {
    fake.concurrency("at-once", 1, Duration.ofMillis(1), "user");
    holding.acquire(QUESTION);
    CompletableFuture<Permit> waiting =
        holding.waitingUpTo(Duration.ofHours(1)).acquireAsync(QUESTION);
    fake.advance(Duration.ofMillis(1));
    waiting.join().close();
    assertThrows(IllegalArgumentException.class, () -> holding.waitingUpTo(Duration.ofNanos(-1)));
  }

  @Test
  void whoIsCancelled_holdsNothing() {
    fake.concurrency("at-once", 1, MINUTE, "user").admit(Duration.ofMillis(200));
    CompletableFuture<Permit> gone = holding.acquireAsync(QUESTION);
    until(() -> fake.held() == 1);
    gone.cancel(true);
    until(() -> fake.held() == 0);
    assertEquals(0, timing.pending());
  }

  @Test
  void whoIsInterrupted_holdsNothing_andStaysInterrupted() {
    fake.concurrency("at-once", 1, MINUTE, "user");
    Thread.currentThread().interrupt();
    assertThrows(CancellationException.class, () -> holding.acquire(QUESTION));
    assertTrue(Thread.interrupted());
    until(() -> fake.held() == 0);
  }

  @Test
  void calls_haveAPermitWhileTheyRun() throws Exception {
    fake.concurrency("at-once", 1, MINUTE, "user");
    assertEquals(1, holding.call(QUESTION, fake::held));
    until(() -> fake.held() == 0);
    assertThrows(
        IllegalStateException.class,
        () ->
            holding.call(
                QUESTION,
                () -> {
                  throw new IllegalStateException("a call at fault");
                }));
    until(() -> fake.held() == 0);
    CompletableFuture<String> called = new CompletableFuture<>();
    CompletableFuture<String> held = holding.callAsync(QUESTION, () -> called);
    until(() -> fake.held() == 1);
    called.complete("done");
    assertEquals("done", held.join());
    until(() -> fake.held() == 0);
    CompletableFuture<Object> failed =
        holding.callAsync(
            QUESTION,
            () -> {
              throw new IllegalStateException("a call at fault");
            });
    assertThrows(CompletionException.class, failed::join);
    until(() -> fake.held() == 0);
    fake.deny(MINUTE);
    assertInstanceOf(
        DeniedException.class,
        assertThrows(
                CompletionException.class, () -> holding.callAsync(QUESTION, () -> called).join())
            .getCause());
  }

  @Test
  void aSettlement_putsWhatWasUsedInThePlaceOfWhatWasReserved_once() {
    fake.limit("per-user", 10, MINUTE, "user");
    try (Reservation reservation = holding.reserve(QUESTION.cost(8).hold(MINUTE))) {
      assertEquals(2, reservation.decision().remaining().orElseThrow());
      assertEquals(Holds.End.ENDED, reservation.settle(3, Map.of("tokens", 7L)).end());
      assertThrows(IllegalStateException.class, () -> reservation.settle(3, Map.of()));
      assertThrows(IllegalStateException.class, reservation::release);
      assertThrows(IllegalStateException.class, () -> reservation.extend(Map.of()));
    }
    assertEquals(3, fake.settled().get(0).cost());
    assertEquals(Map.of("tokens", 7L), fake.settled().get(0).unitCosts());
    assertEquals(0, fake.released());
    assertEquals(7, fake.client().check(QUESTION.cost(0)).remaining().orElseThrow());
  }

  @Test
  void aReservationThatIsClosed_isReleased_once() {
    Reservation reservation = holding.reserve(QUESTION.hold(MINUTE));
    assertEquals(1, fake.held());
    reservation.close();
    reservation.close();
    until(() -> fake.released() == 1);
    assertThrows(IllegalStateException.class, () -> reservation.settle(Map.of()));
    assertTrue(fake.settled().isEmpty());
    assertThrows(IllegalArgumentException.class, () -> holding.reserve(QUESTION));
  }

  @Test
  void aReservationGrows_whileThereIsRoom() {
    fake.limit("per-user", 10, MINUTE, "user");
    try (Reservation reservation = holding.reserve(QUESTION.cost(4).hold(MINUTE))) {
      assertTrue(reservation.extend(4, Map.of()).extended());
      Holds.Extension refused = reservation.extend(4, Map.of());
      assertFalse(refused.extended());
      assertEquals(2, refused.statuses().get(0).remaining());
      assertTrue(reservation.extendAsync(2, Map.of()).join().extended());
      assertEquals(Holds.End.ENDED, reservation.settleAsync(9, Map.of()).join().end());
    }
    assertEquals(1, fake.client().check(QUESTION.cost(0)).remaining().orElseThrow());
  }

  @Test
  void aSettlementThatIsWrong_endsNothing() {
    try (Reservation reservation = holding.reserve(QUESTION.hold(MINUTE))) {
      assertThrows(RuntimeException.class, () -> reservation.settle(-1, Map.of()));
      assertThrows(CompletionException.class, () -> reservation.settleAsync(-1, Map.of()).join());
      assertEquals(Holds.End.ENDED, reservation.releaseAsync().join());
    }
    assertEquals(1, fake.released());
  }

  @Test
  void whatReservesNothing_settlesAndGrowsWithoutACall() {
    fake.fail(Status.UNAVAILABLE).fail(Status.UNAVAILABLE);
    for (boolean settles : List.of(true, false)) {
      try (Reservation reservation = holding.reserveAsync(QUESTION.hold(MINUTE)).join()) {
        assertTrue(reservation.extend(1, Map.of()).extended());
        assertEquals(
            Holds.End.NOTHING_HELD,
            settles ? reservation.settle(2, Map.of()).end() : reservation.release());
      }
    }
    assertEquals(0, fake.renewed() + fake.released() + fake.settled().size());
  }
}
