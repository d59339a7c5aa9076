package io.limiter.client;

import static io.limiter.client.ServiceFake.PATIENCE;
import static io.limiter.client.ServiceFake.admitted;
import static io.limiter.client.ServiceFake.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.limiter.client.ServiceFake.Asked;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DecisionError;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ResetResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is sent again, when, and what is not. */
@Timeout(120)
final class RetriesTest {
  private static final CheckRequest UNKEYED = CheckRequest.in("edge");
  private static final CheckRequest KEYED = UNKEYED.idempotencyKey("k");

  private ServiceFake service;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFake();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static StatusRuntimeException away() {
    return Status.UNAVAILABLE.asRuntimeException();
  }

  private static StatusRuntimeException overloaded(Duration wait) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
            .addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(Wire.message(wait)).build()))
            .build());
  }

  @Test
  void aKeyedQuestion_isSentAgainAsItWas_untilItIsAnswered() throws Exception {
    try (LimiterClient client = service.client().build()) {
      CompletableFuture<Decision> decision = client.checkAsync(KEYED);
      for (int i = 0; i < 4; i++) {
        Asked<CheckAndConsumeRequest, CheckAndConsumeResponse> failing = next(service.checks);
        assertEquals(KEYED.message(), failing.question());
        failing.replies().onError(away());
      }
      next(service.checks).answer(admitted());
      assertInstanceOf(Decision.Admitted.class, decision.join());
      assertEquals(4, client.retried());
    }
  }

  @Test
  void aBlockingCaller_waitsForTheAnswerOfALaterTry() throws Exception {
    try (LimiterClient client = service.client().build()) {
      CompletableFuture<Decision> decision =
          CompletableFuture.supplyAsync(() -> client.check(KEYED));
      next(service.checks).replies().onError(away());
      next(service.checks).answer(admitted());
      assertInstanceOf(Decision.Admitted.class, decision.join());
    }
  }

  @Test
  void aQuestionWithoutAKey_isSentOnce() throws Exception {
    try (LimiterClient client = service.client().build()) {
      CompletableFuture<Decision> decision = client.checkAsync(UNKEYED);
      next(service.checks).replies().onError(away());
      assertInstanceOf(Decision.Unreachable.class, decision.join());
      assertEquals(0, client.retried());
    }
    assertTrue(service.checks.isEmpty());
  }

  @Test
  void withoutRetries_nothingIsSentTwice() throws Exception {
    try (LimiterClient client = service.client().retries(false).build()) {
      CompletableFuture<Decision> decision = client.checkAsync(KEYED);
      next(service.checks).replies().onError(away());
      assertInstanceOf(Decision.Unreachable.class, decision.join());
      CompletableFuture<Boolean> refund =
          client.refundAsync(Receipt.of(ByteString.copyFrom(new byte[18])));
      next(service.refunds).replies().onError(away());
      assertTrue(refund.handle((done, failure) -> failure != null).join());
    }
    assertTrue(service.checks.isEmpty() && service.refunds.isEmpty());
  }

  @Test
  void withRandomKeys_eachQuestionHasItsOwn_andKeepsItWhenItIsSentAgain() throws Exception {
    try (LimiterClient client = service.client().randomKeys(true).build()) {
      CompletableFuture<Decision> first = client.checkAsync(UNKEYED);
      Asked<CheckAndConsumeRequest, CheckAndConsumeResponse> failing = next(service.checks);
      failing.replies().onError(away());
      Asked<CheckAndConsumeRequest, CheckAndConsumeResponse> again = next(service.checks);
      again.answer(admitted());
      assertTrue(first.join().allowed());
      CompletableFuture<Decision> second = client.checkAsync(UNKEYED);
      Asked<CheckAndConsumeRequest, CheckAndConsumeResponse> another = next(service.checks);
      another.answer(admitted());
      assertTrue(second.join().allowed());
      assertEquals(22, failing.question().getIdempotencyKey().length());
      assertEquals(failing.question(), again.question());
      assertNotEquals(failing.question(), another.question());
    }
  }

  /** The others say that the same would come of it, or that the question is wrong. */
  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"OK", "UNAVAILABLE", "DEADLINE_EXCEEDED"})
  void afterAnyOtherStatus_aKeyedQuestionIsNotSentAgain(Status.Code code) throws Exception {
    try (LimiterClient client = service.client().build()) {
      CompletableFuture<Decision> decision = client.checkAsync(KEYED);
      next(service.checks).replies().onError(code.toStatus().asRuntimeException());
      assertFalse(decision.handle((d, f) -> f == null && d.source() != Source.CLIENT).join());
      assertEquals(0, client.retried());
    }
    assertTrue(service.checks.isEmpty());
  }

  @Test
  void anOverloadedService_isAskedAgainWhenItSaid_orNotAtAll() throws Exception {
    Duration wait = Duration.ofMillis(80);
    try (LimiterClient client = service.client().build()) {
      CompletableFuture<Decision> decision = client.checkAsync(KEYED);
      Asked<CheckAndConsumeRequest, CheckAndConsumeResponse> refused = next(service.checks);
      long before = System.nanoTime();
      refused.replies().onError(overloaded(wait));
      next(service.checks).answer(admitted());
      assertTrue(System.nanoTime() - before >= wait.toNanos(), "too early");
      assertTrue(decision.join().allowed());

      CompletableFuture<Decision> tooLate = client.checkAsync(KEYED);
      next(service.checks).replies().onError(overloaded(PATIENCE.multipliedBy(2)));
      assertInstanceOf(Decision.Unreachable.class, tooLate.join());
      assertTrue(service.checks.isEmpty());
    }
  }

  @Test
  void withoutAnAnswerByHalfOfTheTime_another_isAskedToo_andTheFirstAnswerCounts()
      throws Exception {
    try (LimiterClient client = service.client().deadline(Duration.ofSeconds(2)).build()) {
      for (boolean firstAnswers : List.of(true, false)) {
        CompletableFuture<Decision> decision = client.checkAsync(KEYED);
        var first = next(service.checks);
        var second = next(service.checks);
        var useless = firstAnswers ? second : first;
        ServerCallStreamObserver<?> cancelled = (ServerCallStreamObserver<?>) useless.replies();
        (firstAnswers ? first : second).answer(admitted());
        assertInstanceOf(Decision.Admitted.class, decision.join());
        while (!cancelled.isCancelled()) {
          Thread.onSpinWait();
        }
        service.checks.clear();
      }
    }
  }

  @Test
  void theDeadline_boundsAllTries() {
    Duration deadline = Duration.ofMillis(100);
    try (LimiterClient client = service.client().deadline(deadline).build()) {
      long before = System.nanoTime();
      Decision.Unreachable late = assertInstanceOf(Decision.Unreachable.class, client.check(KEYED));
      assertTrue(System.nanoTime() - before >= deadline.toNanos());
      assertEquals(Status.Code.DEADLINE_EXCEEDED, late.cause().code());
      assertTrue(service.checks.size() <= 3, () -> service.checks.size() + " tries");
    }
  }

  @Test
  void aBudget_keepsAnOutageFromBecomingAFlood() throws Exception {
    int most = 3;
    try (LimiterClient client = service.client().maxInFlight(most).build()) {
      int sent = 0;
      for (int i = 0; i < 10; i++) {
        CompletableFuture<Decision> decision = client.checkAsync(KEYED);
        while (!decision.isDone()) {
          var failing = service.checks.poll();
          if (failing != null) {
            failing.replies().onError(away());
            sent++;
          }
        }
      }
      assertEquals(10 + most, sent);
    }
  }

  @Test
  void aBatch_isSentAgainOnlyIfEachOfItHasAKey() throws Exception {
    try (LimiterClient client = service.client().build()) {
      CompletableFuture<List<Decision>> keyed = client.checkAllAsync(List.of(KEYED, KEYED));
      next(service.batches).replies().onError(away());
      next(service.batches)
          .answer(
              CheckAndConsumeBatchResponse.newBuilder()
                  .addResponses(admitted())
                  .addResponses(admitted())
                  .build());
      assertTrue(keyed.join().stream().allMatch(Decision.Admitted.class::isInstance));
      CompletableFuture<List<Decision>> mixed = client.checkAllAsync(List.of(KEYED, UNKEYED));
      next(service.batches).replies().onError(away());
      assertTrue(mixed.join().stream().allMatch(Decision.Unreachable.class::isInstance));
      assertTrue(service.batches.isEmpty());
    }
  }

  @Test
  void refundsAndResets_areSentAgain() throws Exception {
    try (LimiterClient client = service.client().build()) {
      CompletableFuture<Boolean> refund =
          client.refundAsync(Receipt.of(ByteString.copyFrom(new byte[18])));
      next(service.refunds).replies().onError(away());
      next(service.refunds).answer(RefundResponse.newBuilder().setRefunded(true).build());
      assertTrue(refund.join());
      CompletableFuture<Integer> reset = client.resetAsync("edge", Map.of("user", "a"));
      next(service.resets).replies().onError(away());
      next(service.resets).answer(ResetResponse.newBuilder().setCountersReset(2).build());
      assertEquals(2, reset.join());
    }
  }

  @Test
  void aStreamThatBreaks_hasItsKeyedQuestionsAskedByCalls_andTheOthersNot() throws Exception {
    try (LimiterClient client = service.client().build();
        CheckStream stream = client.stream()) {
      CompletableFuture<Decision> keyed = stream.check(KEYED);
      CompletableFuture<Decision> unkeyed = stream.check(UNKEYED);
      StreamFake call = next(service.streams);
      next(call.questions);
      next(call.questions);
      call.replies.onError(away());
      assertInstanceOf(Decision.Unreachable.class, unkeyed.join());
      Asked<CheckAndConsumeRequest, CheckAndConsumeResponse> again = next(service.checks);
      assertEquals("k", again.question().getIdempotencyKey());
      again.answer(admitted());
      assertInstanceOf(Decision.Admitted.class, keyed.join());
      assertTrue(service.checks.isEmpty());
    }
  }

  @Test
  void anInstanceThatRefusesOnTheStream_isLeftForAnother() throws Exception {
    try (LimiterClient client = service.client().build();
        CheckStream stream = client.stream()) {
      CompletableFuture<Decision> keyed = stream.check(KEYED);
      StreamFake call = next(service.streams);
      call.answer(
          next(call.questions),
          CheckAndConsumeResponse.newBuilder()
              .setError(DecisionError.newBuilder().setCode(Code.UNAVAILABLE_VALUE))
              .build());
      next(service.checks).answer(admitted());
      assertInstanceOf(Decision.Admitted.class, keyed.join());
    }
  }

  @Test
  void aStreamThatIsSilent_hasItsKeyedQuestionsAskedByCallsToo() throws Exception {
    try (LimiterClient client = service.client().deadline(Duration.ofSeconds(2)).build();
        CheckStream stream = client.stream()) {
      CompletableFuture<Decision> byCall = stream.check(KEYED);
      StreamFake call = next(service.streams);
      CheckAndConsumeRequest late = next(call.questions);
      next(service.checks).answer(admitted());
      assertInstanceOf(Decision.Admitted.class, byCall.join());
      call.answer(late, ServiceFake.denied());

      CompletableFuture<Decision> byStream = stream.check(KEYED);
      CheckAndConsumeRequest question = next(call.questions);
      ServerCallStreamObserver<?> useless =
          (ServerCallStreamObserver<?>) next(service.checks).replies();
      call.answer(question, ServiceFake.denied());
      assertInstanceOf(Decision.Denied.class, byStream.join());
      while (!useless.isCancelled()) {
        Thread.onSpinWait();
      }
    }
  }
}
