package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CheckStreamTest {
  private static final RequestLimits FOUR_IN_FLIGHT =
      new RequestLimits(64, 16, 16, 1000, 1 << 20, 4, RequestLimits.DEFAULTS.inlineWindow());

  private final HeldStore held = new HeldStore();

  @Test
  void replies_goOutAsTheyComeUnderTheirRequestId() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(9))) {
      Replies replies = new Replies(true);
      var questions = service.askAsync().checkAndConsumeStream(replies);
      questions.onNext(question("first"));
      questions.onNext(question("second"));
      HeldStore.Question first = held.next();
      held.next().answer();
      assertEquals("second", replies.next().getRequestId());
      first.answer();
      assertEquals("first", replies.next().getRequestId());
      questions.onCompleted();
      assertEquals(Status.Code.OK, replies.end().getCode());
    }
  }

  @Test
  void missingRequestId_failsThatQuestionAlone() throws Exception {
    try (Service service = Service.over(LocalCounters.now(), Rules.yearly(9))) {
      Replies replies = new Replies(true);
      var questions = service.askAsync().checkAndConsumeStream(replies);
      questions.onNext(question(""));
      questions.onNext(question("next"));
      CheckAndConsumeResponse error = replies.next();
      assertEquals(3, error.getError().getCode());
      assertEquals("request_id is empty; use 1 to 128 bytes", error.getError().getMessage());
      assertTrue(replies.next().getAllowed());
    }
  }

  @Test
  void halfClose_waitsForEveryReply() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(9))) {
      Replies replies = new Replies(true);
      var questions = service.askAsync().checkAndConsumeStream(replies);
      for (String id : List.of("a", "b", "c")) {
        questions.onNext(question(id));
      }
      questions.onCompleted();
      for (int i = 0; i < 3; i++) {
        assertFalse(replies.ended());
        held.next().answer();
        replies.next();
      }
      assertEquals(Status.Code.OK, replies.end().getCode());
    }
  }

  @Test
  void questionsInFlight_areBounded() throws Exception {
    try (Service service = Service.over(FOUR_IN_FLIGHT, held, Rules.yearly(100))) {
      Replies replies = new Replies(true);
      var questions = service.askAsync().checkAndConsumeStream(replies);
      send(questions, 40);
      Set<String> seen = new HashSet<>();
      for (int answered = 0; answered < 40; answered++) {
        HeldStore.Question question = held.next();
        int asked = held.asked();
        int most = answered + 4;
        assertTrue(asked <= most, () -> asked + " asked; at most " + most + " let in");
        question.answer();
        seen.add(replies.next().getRequestId());
      }
      assertEquals(40, seen.size());
    }
  }

  @Test
  void clientThatDoesNotRead_isNotServedOn() throws Exception {
    Counting counting = new Counting(LocalCounters.now(), new AtomicInteger());
    try (Service service = Service.over(FOUR_IN_FLIGHT, counting, Rules.yearly(1L << 40))) {
      Replies replies = new Replies(false);
      var questions = service.askAsync().checkAndConsumeStream(replies);
      // Several times what a connection holds for a client.
      int sent = 20_000;
      send(questions, sent);
      questions.onCompleted();
      int before;
      do {
        before = counting.asked.get();
        passTimeOnTheConnection(service);
      } while (counting.asked.get() > before);
      assertTrue(before < sent, before + " were answered to a client that reads nothing");
      replies.read(sent);
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < sent; i++) {
        seen.add(replies.next().getRequestId());
      }
      assertEquals(sent, seen.size());
      assertEquals(Status.Code.OK, replies.end().getCode());
    }
  }

  private static void passTimeOnTheConnection(Service service) {
    CheckAndConsumeRequest nothing =
        CheckAndConsumeRequest.newBuilder().setDomain("without rules").build();
    for (int i = 0; i < 50; i++) {
      service.ask().checkAndConsume(nothing);
    }
  }

  @Test
  void cancelledStream_leavesNothingBehind() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(9))) {
      Replies replies = new Replies(true);
      var questions = service.askAsync().checkAndConsumeStream(replies);
      questions.onNext(question("a"));
      HeldStore.Question waiting = held.next();
      questions.onError(Status.CANCELLED.asRuntimeException());
      assertEquals(Status.Code.CANCELLED, replies.end().getCode());
      waiting.answer();
      // Nothing is open: the server is not kept from stopping.
      service.server.shutdown(Duration.ofSeconds(20));
    }
  }

  private static void send(StreamObserver<CheckAndConsumeRequest> questions, int count) {
    for (int i = 0; i < count; i++) {
      questions.onNext(question("%0128d".formatted(i)));
    }
  }

  private static CheckAndConsumeRequest question(String id) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("edge")
        .putAttributes("user", "alice")
        .setRequestId(id)
        .build();
  }

  /** Counts the questions. */
  private static final class Counting extends ForwardingCounterStore {
    private final AtomicInteger asked;

    Counting(CounterStore counters, AtomicInteger asked) {
      super(counters);
      this.asked = asked;
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      asked.incrementAndGet();
      return super.decide(charge);
    }
  }
}
