package io.limiter.client;

import static io.limiter.client.ServiceFake.PATIENCE;
import static io.limiter.client.ServiceFake.admitted;
import static io.limiter.client.ServiceFake.denied;
import static io.limiter.client.ServiceFake.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.Status;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DecisionError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class CheckStreamTest {
  private static final CheckRequest QUESTION = CheckRequest.in("edge");
  private static final Duration SOON = Duration.ofMillis(20);

  private ServiceFake service;
  private LimiterClient client;
  private CheckStream stream;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFake();
    client = service.client().maxInFlight(8).build();
    stream = client.stream();
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  @Test
  void answersOutOfOrder_findTheirQuestions() throws Exception {
    List<CompletableFuture<Decision>> decisions = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      decisions.add(stream.check(QUESTION.attribute("i", Integer.toString(i))));
    }
    StreamFake call = next(service.streams);
    List<CheckAndConsumeRequest> questions = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      questions.add(next(call.questions));
    }
    Collections.reverse(questions);
    for (CheckAndConsumeRequest question : questions) {
      boolean even = Integer.parseInt(question.getAttributesOrThrow("i")) % 2 == 0;
      call.answer(question, even ? admitted() : denied());
    }
    for (int i = 0; i < 6; i++) {
      assertEquals(i % 2 == 0, decisions.get(i).join().allowed(), "question " + i);
    }
    assertTrue(service.streams.isEmpty(), "one call carries them all");
  }

  @Test
  void brokenCall_answersEachThatWaitsOnceAndTheNextQuestionOpensAnother() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    CompletableFuture<Decision> open = counted(QUESTION, answers);
    CompletableFuture<Decision> closed =
        counted(QUESTION.onUnreachable(OnUnreachable.CLOSED), answers);
    StreamFake broken = next(service.streams);
    next(broken.questions);
    next(broken.questions);
    broken.replies.onError(Status.UNAVAILABLE.asRuntimeException());
    for (CompletableFuture<Decision> decision : List.of(open, closed)) {
      Decision.Unreachable unreachable =
          assertInstanceOf(Decision.Unreachable.class, decision.join());
      assertEquals(decision == open, unreachable.allowed());
      assertEquals(Status.Code.UNAVAILABLE, unreachable.cause().code());
    }
    assertTrue(service.streams.isEmpty(), "nothing is asked, so nothing is opened");

    CompletableFuture<Decision> later = stream.check(QUESTION.attribute("user", "later"));
    StreamFake another = next(service.streams);
    CheckAndConsumeRequest question = next(another.questions);
    assertEquals("later", question.getAttributesOrThrow("user"));
    another.answer(question, admitted());
    assertInstanceOf(Decision.Admitted.class, later.join());
    assertTrue(another.questions.isEmpty(), "an old question was sent again");
    assertEquals(2, answers.get());
  }

  @Test
  void callThatTheServiceEnds_isBrokenToo() throws Exception {
    CompletableFuture<Decision> decision = stream.check(QUESTION);
    StreamFake call = next(service.streams);
    next(call.questions);
    call.replies.onCompleted();
    assertInstanceOf(Decision.Unreachable.class, decision.join());
  }

  @Test
  void deadline_isHonouredAndTheCallGoesOn() throws Exception {
    CompletableFuture<Decision> patient = stream.check(QUESTION);
    CompletableFuture<Decision> late = stream.check(QUESTION.deadline(SOON));
    StreamFake call = next(service.streams);
    CheckAndConsumeRequest patientQuestion = next(call.questions);
    CheckAndConsumeRequest lateQuestion = next(call.questions);
    Decision.Unreachable unreachable = assertInstanceOf(Decision.Unreachable.class, late.join());
    assertEquals(Status.Code.DEADLINE_EXCEEDED, unreachable.cause().code());
    assertFalse(patient.isDone(), "asked first, with a longer deadline");

    call.answer(lateQuestion, denied());
    call.answer(patientQuestion, admitted());
    assertInstanceOf(Decision.Admitted.class, patient.join());
    assertInstanceOf(Decision.Unreachable.class, late.join());
    assertTrue(service.streams.isEmpty());
  }

  @Test
  void lateAnswers_makeRoomAgain() throws Exception {
    StreamFake call = null;
    // Eight times as many as may be overdue at once: none is, for long.
    for (int i = 0; i < 32; i++) {
      assertInstanceOf(Decision.Unreachable.class, stream.check(QUESTION.deadline(SOON)).join());
      call = call == null ? next(service.streams) : call;
      call.answer(next(call.questions), admitted());
      CompletableFuture<Decision> inTime = stream.check(QUESTION);
      call.answer(next(call.questions), admitted());
      assertTrue(inTime.join().allowed());
    }
    assertTrue(service.streams.isEmpty());
  }

  @Test
  void questionInError_failsAlone() throws Exception {
    CompletableFuture<Decision> bad = stream.check(QUESTION);
    CompletableFuture<Decision> good = stream.check(QUESTION);
    StreamFake call = next(service.streams);
    call.answer(
        next(call.questions),
        CheckAndConsumeResponse.newBuilder()
            .setError(
                DecisionError.newBuilder()
                    .setCode(com.google.rpc.Code.INVALID_ARGUMENT_VALUE)
                    .setMessage("domain is empty; name one"))
            .build());
    call.answer(next(call.questions), admitted());
    CompletionException thrown = assertThrows(CompletionException.class, bad::join);
    assertEquals(
        "INVALID_ARGUMENT: domain is empty; name one",
        assertInstanceOf(InvalidRequestException.class, thrown.getCause()).getMessage());
    assertTrue(good.join().allowed());
  }

  @Test
  void identifiers_differ() throws Exception {
    List<CompletableFuture<Decision>> decisions =
        List.of(stream.check(QUESTION), stream.check(QUESTION));
    StreamFake call = next(service.streams);
    assertNotEquals(next(call.questions).getRequestId(), next(call.questions).getRequestId());
    call.replies.onCompleted();
    decisions.forEach(CompletableFuture::join);
  }

  @Test
  void unknownIdentifier_isPassedOver() throws Exception {
    CompletableFuture<Decision> decision = stream.check(QUESTION);
    StreamFake call = next(service.streams);
    call.replies.onNext(denied().toBuilder().setRequestId("nobody's").build());
    call.answer(next(call.questions), admitted());
    assertTrue(decision.join().allowed());
  }

  @Test
  void serviceThatStopsAnswering_isLeftForAnotherCall() throws Exception {
    // Half of the eight that may be in flight pass their deadlines, and none gets a reply.
    for (int i = 0; i < 4; i++) {
      stream.check(QUESTION.deadline(SOON)).join();
    }
    StreamFake stuck = next(service.streams);
    assertTrue(service.streams.isEmpty());
    CompletableFuture<Decision> decision = stream.check(QUESTION);
    StreamFake another = next(service.streams);
    another.answer(next(another.questions), admitted());
    assertTrue(decision.join().allowed());
    assertTrue(stuck.cancelled.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void callLeft_stillAnswersThoseThatWait() throws Exception {
    CompletableFuture<Decision> patient = stream.check(QUESTION);
    for (int i = 0; i < 4; i++) {
      stream.check(QUESTION.deadline(SOON)).join();
    }
    StreamFake slow = next(service.streams);
    CompletableFuture<Decision> decision = stream.check(QUESTION);
    StreamFake another = next(service.streams);
    another.answer(next(another.questions), denied());
    assertInstanceOf(Decision.Denied.class, decision.join());
    slow.answer(next(slow.questions), denied());
    assertInstanceOf(Decision.Denied.class, patient.join());
  }

  @Test
  void call_outlivesTheContextOfWhoOpenedIt() throws Exception {
    CompletableFuture<Decision> decision;
    try (Context.CancellableContext caller = Context.current().withCancellation()) {
      Context before = caller.attach();
      decision = stream.check(QUESTION);
      caller.detach(before);
    }
    StreamFake call = next(service.streams);
    call.answer(next(call.questions), admitted());
    assertInstanceOf(Decision.Admitted.class, decision.join());
    assertFalse(call.replies.isCancelled());
  }

  @Test
  void closedStream_answersThoseThatWaitAndTakesNoMore() throws Exception {
    CompletableFuture<Decision> waiting = stream.check(QUESTION);
    StreamFake call = next(service.streams);
    stream.close();
    assertTrue(call.halfClosed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    CompletionException thrown =
        assertThrows(CompletionException.class, () -> stream.check(QUESTION).join());
    assertInstanceOf(IllegalStateException.class, thrown.getCause());
    call.answer(next(call.questions), admitted());
    assertTrue(waiting.join().allowed());
  }

  @Test
  void manyThreads_eachGetTheirOwnAnswer() throws Exception {
    int threads = 4;
    int each = 500;
    Thread answering =
        new Thread(
            () -> {
              try {
                StreamFake call = next(service.streams);
                for (int i = 0; i < threads * each; i++) {
                  CheckAndConsumeRequest question = next(call.questions);
                  call.answer(question, question.getCost() % 2 == 0 ? admitted() : denied());
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    answering.start();
    AtomicInteger right = new AtomicInteger();
    List<Thread> asking = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int cost = 0; cost < each; cost++) {
                  if (stream.check(QUESTION.cost(cost)).join() instanceof Decision.Admitted
                      == (cost % 2 == 0)) {
                    right.incrementAndGet();
                  }
                }
              });
      asking.add(thread);
      thread.start();
    }
    for (Thread thread : asking) {
      thread.join();
    }
    answering.join();
    assertEquals(threads * each, right.get());
  }

  private CompletableFuture<Decision> counted(CheckRequest question, AtomicInteger answers) {
    return stream
        .check(question)
        .thenApply(
            decision -> {
              answers.incrementAndGet();
              return decision;
            });
  }
}
