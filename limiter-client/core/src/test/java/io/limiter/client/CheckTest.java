package io.limiter.client;

import static io.limiter.client.ServiceFake.admitted;
import static io.limiter.client.ServiceFake.denied;
import static io.limiter.client.ServiceFake.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.v1.CheckAndConsumeResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
final class CheckTest {
  private static final CheckRequest QUESTION = CheckRequest.in("edge").attribute("user", "alice");

  private ServiceFake service;
  private LimiterClient client;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFake();
    client = service.client().build();
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  @Test
  void blockingCheck_waitsForTheServicesAnswer() throws Exception {
    CompletableFuture<Decision> decision =
        CompletableFuture.supplyAsync(() -> client.check(QUESTION));
    next(service.checks).answer(denied());
    assertInstanceOf(Decision.Denied.class, decision.join());
  }

  @Test
  void deadline_ofARequestIsHonouredByBothForms() throws Exception {
    CompletableFuture<Decision> patient = client.checkAsync(QUESTION);
    // Taken before others are asked: they come in any order.
    ServiceFake.Asked<?, CheckAndConsumeResponse> waiting = next(service.checks);
    CheckRequest impatient = QUESTION.deadline(Duration.ofMillis(20));
    Decision blocking = client.check(impatient);
    Decision asynchronous = client.checkAsync(impatient).join();
    for (Decision decision : List.of(blocking, asynchronous)) {
      Decision.Unreachable unreachable = assertInstanceOf(Decision.Unreachable.class, decision);
      assertEquals(Status.Code.DEADLINE_EXCEEDED, unreachable.cause().code());
    }
    assertFalse(patient.isDone(), "asked first, with a longer deadline");
    waiting.answer(admitted());
    assertInstanceOf(Decision.Admitted.class, patient.join());
  }

  @Test
  void deadline_ofTheClientHoldsForEveryCall() throws Exception {
    CompletableFuture<Decision> patient = client.checkAsync(QUESTION);
    // Taken before others are asked: they come in any order.
    ServiceFake.Asked<?, CheckAndConsumeResponse> waiting = next(service.checks);
    try (LimiterClient impatient = service.client().deadline(Duration.ofMillis(20)).build()) {
      assertInstanceOf(Decision.Unreachable.class, impatient.check(QUESTION));
      assertInstanceOf(Decision.Unreachable.class, impatient.checkAll(List.of(QUESTION)).get(0));
      assertInstanceOf(Decision.Unreachable.class, impatient.stream().check(QUESTION).join());
      assertThrows(UnreachableException.class, () -> impatient.refund(new Receipt("00")));
      assertThrows(UnreachableException.class, () -> impatient.reset("edge", Map.of()));
    }
    assertFalse(patient.isDone(), "asked first, with a longer deadline");
    waiting.answer(admitted());
    assertInstanceOf(Decision.Admitted.class, patient.join());
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {
        "UNAVAILABLE",
        "DEADLINE_EXCEEDED",
        "RESOURCE_EXHAUSTED",
        "CANCELLED",
        "ABORTED",
        "INTERNAL",
        "DATA_LOSS",
        "UNKNOWN"
      })
  void outage_isAnsweredByOnUnreachableAndSaysSo(Status.Code code) throws Exception {
    for (OnUnreachable policy : OnUnreachable.values()) {
      CompletableFuture<Decision> decision = client.checkAsync(QUESTION.onUnreachable(policy));
      next(service.checks).replies().onError(code.toStatus().asRuntimeException());
      Decision.Unreachable unreachable =
          assertInstanceOf(Decision.Unreachable.class, decision.join());
      assertEquals(policy == OnUnreachable.OPEN, unreachable.allowed());
      assertEquals(code, unreachable.cause().code());
    }
    assertTrue(service.checks.isEmpty(), "a question was sent again");
  }

  @Test
  void outage_isOpenUnlessTheClientSaysClosed() throws Exception {
    CompletableFuture<Decision> open = client.checkAsync(QUESTION);
    next(service.checks).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    assertTrue(open.join().allowed());
    try (LimiterClient closed = service.client().onUnreachable(OnUnreachable.CLOSED).build()) {
      CompletableFuture<Decision> shut = closed.checkAsync(QUESTION);
      next(service.checks).replies().onError(Status.UNAVAILABLE.asRuntimeException());
      assertFalse(shut.join().allowed());
    }
  }

  @Test
  void overload_tellsWhenToAskAgain() throws Exception {
    CompletableFuture<Decision> decision = client.checkAsync(QUESTION);
    RetryInfo info =
        RetryInfo.newBuilder().setRetryDelay(Wire.message(Duration.ofMillis(70))).build();
    next(service.checks)
        .replies()
        .onError(failure(com.google.rpc.Code.RESOURCE_EXHAUSTED, Any.pack(info)));
    Decision.Unreachable unreachable =
        assertInstanceOf(Decision.Unreachable.class, decision.join());
    assertEquals(Duration.ofMillis(70), unreachable.cause().retryAfter().orElseThrow());
  }

  @Test
  void invalidArgument_isThrownAndNamesTheField() throws Exception {
    BadRequest bad =
        BadRequest.newBuilder()
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder()
                    .setField("domain")
                    .setDescription("is empty; name a domain of 1 to 128 bytes"))
            .build();
    for (OnUnreachable policy : OnUnreachable.values()) {
      CompletableFuture<Decision> decision =
          client.checkAsync(CheckRequest.in("").onUnreachable(policy));
      next(service.checks)
          .replies()
          .onError(failure(com.google.rpc.Code.INVALID_ARGUMENT, Any.pack(bad)));
      CompletionException thrown = assertThrows(CompletionException.class, decision::join);
      InvalidRequestException invalid =
          assertInstanceOf(InvalidRequestException.class, thrown.getCause());
      assertEquals("domain: is empty; name a domain of 1 to 128 bytes", invalid.getMessage());
      assertEquals("domain", invalid.violations().get(0).field());
    }
  }

  @Test
  void invalidArgument_isThrownByTheBlockingFormToo() throws Exception {
    CompletableFuture<Throwable> thrown =
        CompletableFuture.supplyAsync(
            () -> assertThrows(InvalidRequestException.class, () -> client.check(QUESTION)));
    next(service.checks)
        .replies()
        .onError(Status.INVALID_ARGUMENT.withDescription("cost 9 is too much").asException());
    assertEquals("INVALID_ARGUMENT: cost 9 is too much", thrown.join().getMessage());
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {"UNAUTHENTICATED", "PERMISSION_DENIED", "UNIMPLEMENTED", "FAILED_PRECONDITION"})
  void refusal_isThrownAndNeverOpen(Status.Code code) throws Exception {
    CompletableFuture<Decision> decision = client.checkAsync(QUESTION);
    next(service.checks).replies().onError(code.toStatus().asRuntimeException());
    CompletionException thrown = assertThrows(CompletionException.class, decision::join);
    assertEquals(code, assertInstanceOf(RefusedException.class, thrown.getCause()).code());
  }

  @Test
  void questionTooLong_isThrownAndNotSent() {
    try (LimiterClient narrow = service.client().maxMessageBytes(20).build()) {
      InvalidRequestException thrown =
          assertThrows(
              InvalidRequestException.class,
              () -> narrow.check(QUESTION.attribute("path", "x".repeat(20))));
      assertTrue(thrown.toString().contains("more than the service takes, 20"), thrown::toString);
    }
    assertTrue(service.checks.isEmpty());
  }

  @Test
  void questionsBeyondTheBound_areAnsweredAtOnceAndNotSent() throws Exception {
    try (LimiterClient narrow = service.client().maxInFlight(2).build()) {
      CompletableFuture<Decision> first = narrow.checkAsync(QUESTION);
      CompletableFuture<Decision> second = narrow.stream().check(QUESTION);
      Decision.Unreachable third =
          assertInstanceOf(Decision.Unreachable.class, narrow.check(QUESTION));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, third.cause().code());
      next(service.checks).answer(admitted());
      StreamFake stream = next(service.streams);
      stream.answer(next(stream.questions), admitted());
      assertTrue(first.join().allowed() && second.join().allowed());

      CompletableFuture<Decision> fourth = narrow.checkAsync(QUESTION);
      next(service.checks).answer(denied());
      assertInstanceOf(Decision.Denied.class, fourth.join());
      assertTrue(service.checks.isEmpty());
    }
  }

  @Test
  void interruptedThread_getsAnAnswerAndStaysInterrupted() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread asking =
        new Thread(
            () -> {
              Decision decision = client.check(QUESTION);
              interrupted.complete(
                  decision instanceof Decision.Unreachable
                      && Thread.currentThread().isInterrupted());
            });
    asking.start();
    next(service.checks);
    asking.interrupt();
    assertTrue(interrupted.get(30, TimeUnit.SECONDS));
    asking.join();
  }

  private static StatusRuntimeException failure(com.google.rpc.Code code, Any detail) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage("see the details")
            .addDetails(detail)
            .build());
  }
}
