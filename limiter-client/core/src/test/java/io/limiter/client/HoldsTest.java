package io.limiter.client;

import static io.limiter.client.ServiceFake.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.Status;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.ReleaseResponse;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is sent of holds, what is sent again, and how answers are read. */
@Timeout(120)
final class HoldsTest {
  private static final Receipt RECEIPT = new Receipt("c1ff");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private ServiceFake service;
  private LimiterClient client;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFake();
    client = service.client().nanoTime(() -> 0).denyCache(MINUTE).build();
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  @Test
  void aQuestionSaysForHowLong_andItsAnswerWhatIsHeldAndOwed() throws Exception {
    CheckRequest question = CheckRequest.in("llm").hold(MINUTE);
    assertEquals(MINUTE, question.holds().orElseThrow());
    CompletableFuture<Decision> asked = client.checkAsync(question);
    ServiceFake.Asked<CheckAndConsumeRequest, CheckAndConsumeResponse> one = next(service.checks);
    assertEquals(60, one.question().getHold().getSeconds());
    one.answer(
        ServiceFake.admitted().toBuilder()
            .addStatuses(
                io.limiter.v1.RuleStatus.newBuilder()
                    .setHeld(3)
                    .setOwed(4)
                    .setGuessed(9)
                    .setEstimated(8))
            .build());
    RuleStatus status = asked.join().statuses().get(0);
    assertEquals(List.of(3L, 4L), List.of(status.held(), status.owed()));
    assertEquals(List.of(9L, 8L), List.of(status.guessed(), status.estimated()));
    assertThrows(IllegalArgumentException.class, () -> question.hold(Duration.ZERO));
    assertTrue(CheckRequest.in("llm").holds().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "ENDED, ENDED",
    "ENDED_BEFORE, ENDED_BEFORE",
    "EXPIRED, EXPIRED",
    "UNKNOWN_HOLD, UNKNOWN",
    "HOLD_END_UNSPECIFIED, UNKNOWN"
  })
  void anEndIsTold(HoldEnd wire, Holds.End told) throws Exception {
    CompletableFuture<Holds.End> release = client.holds().releaseAsync(RECEIPT);
    next(service.releases).answer(ReleaseResponse.newBuilder().setEnd(wire).build());
    assertEquals(told, release.join());
  }

  /** A server of gRPC cancels the context of a call when the call is over. */
  @Test
  void anEndIsSent_thoughTheContextItIsSentInIsCancelled() throws Exception {
    Context.CancellableContext over = Context.current().withCancellation();
    over.cancel(null);
    CompletableFuture<Holds.End> release = over.call(() -> client.holds().releaseAsync(RECEIPT));
    next(service.releases).answer(ReleaseResponse.newBuilder().setEnd(HoldEnd.ENDED).build());
    assertEquals(Holds.End.ENDED, release.join());
    CompletableFuture<Holds.Settlement> settlement =
        over.call(() -> client.holds().settleAsync(RECEIPT, 0, Map.of()));
    next(service.settlements).answer(SettleResponse.newBuilder().setEnd(HoldEnd.ENDED).build());
    assertEquals(Holds.End.ENDED, settlement.join().end());
  }

  @Test
  void aSettlementIsSentAgain_untilItIsAnswered() throws Exception {
    CompletableFuture<Holds.Settlement> settlement =
        CompletableFuture.supplyAsync(
            () -> client.holds().settle(RECEIPT, 0, Map.of("tokens", 812L)));
    ServiceFake.Asked<SettleRequest, SettleResponse> first = next(service.settlements);
    assertTrue(first.question().hasCost());
    assertEquals(0, first.question().getCost());
    assertEquals(Map.of("tokens", 812L), first.question().getUnitCostsMap());
    first.replies().onError(Status.UNAVAILABLE.asRuntimeException());
    ServiceFake.Asked<SettleRequest, SettleResponse> second = next(service.settlements);
    assertEquals(first.question(), second.question());
    second.answer(
        SettleResponse.newBuilder()
            .setEnd(HoldEnd.ENDED)
            .addStatuses(io.limiter.v1.RuleStatus.newBuilder().setRule("tokens").setOwed(5))
            .build());
    assertEquals(Holds.End.ENDED, settlement.join().end());
    assertEquals(5, settlement.join().statuses().get(0).owed());
    assertEquals(1, client.retried());
  }

  @Test
  void aRenewalIsSentAgain_onlyIfItAsksForNoMore() throws Exception {
    CompletableFuture<Holds.Extension> renewal =
        client.holds().extendAsync(RECEIPT, MINUTE, 0, Map.of("tokens", 0L));
    next(service.renewals).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    ServiceFake.Asked<ExtendRequest, ExtendResponse> again = next(service.renewals);
    assertEquals(60, again.question().getHold().getSeconds());
    again.answer(ExtendResponse.newBuilder().setExtended(true).setEnd(HoldEnd.ENDED).build());
    assertTrue(renewal.join().extended());

    CompletableFuture<Holds.Extension> more =
        client.holds().extendAsync(RECEIPT, MINUTE, 0, Map.of("tokens", 1L));
    next(service.renewals).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    assertInstanceOf(
        UnreachableException.class, assertThrows(CompletionException.class, more::join).getCause());
    assertTrue(service.renewals.isEmpty());
    assertEquals(1, client.retried());
  }

  @Test
  void costsBelowZero_areNotSent() {
    Holds holds = client.holds();
    assertThrows(InvalidRequestException.class, () -> holds.settle(RECEIPT, -1, Map.of()));
    assertThrows(
        InvalidRequestException.class, () -> holds.settleAsync(RECEIPT, 1, Map.of("t", -1L)));
    assertThrows(InvalidRequestException.class, () -> holds.extend(RECEIPT, MINUTE, -1, Map.of()));
    assertThrows(
        IllegalArgumentException.class, () -> holds.extend(RECEIPT, Duration.ZERO, 0, Map.of()));
  }

  @Test
  void whoIsInterrupted_getsNoAnswer_andStaysInterrupted() {
    Thread.currentThread().interrupt();
    UnreachableException none =
        assertThrows(UnreachableException.class, () -> client.holds().release(RECEIPT));
    assertEquals(Status.Code.CANCELLED, none.code());
    assertTrue(Thread.interrupted());
  }

  @Test
  void whatEndsHere_endsCachedDenials_andADenialByWhatIsHeldIsNotCached() throws Exception {
    CheckRequest question = CheckRequest.in("llm");
    CompletableFuture<Decision> denied = client.checkAsync(question);
    next(service.checks).answer(ServiceFake.denied());
    assertFalse(denied.join().allowed());
    assertEquals(Source.DENY_CACHE, client.check(question).source());
    CompletableFuture<Holds.End> release = client.holds().releaseAsync(RECEIPT);
    next(service.releases).answer(ReleaseResponse.getDefaultInstance());
    assertEquals(Holds.End.UNKNOWN, release.join());
    for (int i = 0; i < 2; i++) {
      denied = client.checkAsync(question);
      next(service.checks)
          .answer(
              ServiceFake.denied().toBuilder()
                  .addStatuses(io.limiter.v1.RuleStatus.newBuilder().setHeld(1))
                  .build());
      assertEquals(Source.REDIS, denied.join().source());
    }
  }
}
