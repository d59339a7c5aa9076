package io.limiter.server.grpc;

import static io.limiter.server.grpc.Messages.question;
import static io.limiter.server.grpc.Messages.remaining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.local.LocalCounterStore;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ResetRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What comes of a question afterwards, and of several at once. */
class RateLimiterCallsTest {
  private final LocalCounterStore store = new LocalCounterStore(() -> 491_000 * 3_600_000_000L);

  @Test
  void refund_givesBackOnce() throws Exception {
    try (Service service = Service.over(store, Rules.yearly(5))) {
      assertTrue(service.ask().checkAndConsume(question("alice")).getReceipt().isEmpty());
      ByteString receipt =
          service
              .ask()
              .checkAndConsume(
                  question("alice").toBuilder().setCost(3).setWantReceipt(true).build())
              .getReceipt();
      assertEquals(18, receipt.size());
      RefundRequest refund = RefundRequest.newBuilder().setReceipt(receipt).build();
      assertTrue(service.ask().refund(refund).getRefunded());
      assertFalse(service.ask().refund(refund).getRefunded());
      assertEquals(3, remaining(service.ask().checkAndConsume(question("alice"))));
    }
  }

  @Test
  void reset_forgetsAndCounts() throws Exception {
    try (Service service = Service.over(store, Rules.yearly(5))) {
      service.ask().checkAndConsume(question("alice"));
      ResetRequest reset =
          ResetRequest.newBuilder()
              .setDomain("edge")
              .putAttributes("user", "alice")
              .addRules("yearly")
              .build();
      assertEquals(1, service.ask().reset(reset).getCountersReset());
      assertEquals(0, service.ask().reset(reset).getCountersReset());
      assertEquals(4, remaining(service.ask().checkAndConsume(question("alice"))));
      StatusRuntimeException unknown =
          assertThrows(
              StatusRuntimeException.class,
              () -> service.ask().reset(reset.toBuilder().addRules("typo").build()));
      assertEquals(Status.Code.INVALID_ARGUMENT, unknown.getStatus().getCode());
      BadRequest details =
          StatusProto.fromThrowable(unknown).getDetails(0).unpack(BadRequest.class);
      assertEquals("rules[1]", details.getFieldViolations(0).getField());
    }
  }

  @Test
  void idempotencyKey_isChargedOnceAndRefusedForAnotherQuestion() throws Exception {
    try (Service service = Service.over(store, Rules.yearly(5))) {
      CheckAndConsumeRequest question =
          question("alice").toBuilder().setIdempotencyKey("once").build();
      CheckAndConsumeResponse first = service.ask().checkAndConsume(question);
      assertEquals(first, service.ask().checkAndConsume(question));
      assertEquals(3, remaining(service.ask().checkAndConsume(question("alice"))));
      StatusRuntimeException conflict =
          assertThrows(
              StatusRuntimeException.class,
              () -> service.ask().checkAndConsume(question.toBuilder().setCost(2).build()));
      assertEquals(Status.Code.INVALID_ARGUMENT, conflict.getStatus().getCode());
      BadRequest details =
          StatusProto.fromThrowable(conflict).getDetails(0).unpack(BadRequest.class);
      assertEquals("idempotency_key", details.getFieldViolations(0).getField());
    }
  }

  @Test
  void batch_badEntryFailsAloneAndTheOthersAreDecidedInOrder() throws Exception {
    try (Service service = Service.over(store, Rules.yearly(2))) {
      CheckAndConsumeBatchRequest.Builder batch = CheckAndConsumeBatchRequest.newBuilder();
      batch.addRequests(question("alice").toBuilder().setRequestId("0"));
      batch.addRequests(CheckAndConsumeRequest.newBuilder().setRequestId("1"));
      batch.addRequests(question("alice").toBuilder().setRequestId("2"));
      batch.addRequests(question("alice").toBuilder().setRequestId("3"));
      batch.addRequests(question("bob").toBuilder().setRequestId("4"));
      List<CheckAndConsumeResponse> replies =
          service.ask().checkAndConsumeBatch(batch.build()).getResponsesList();
      assertEquals(
          List.of("0", "1", "2", "3", "4"),
          replies.stream().map(CheckAndConsumeResponse::getRequestId).toList());
      assertEquals(
          List.of(true, false, true, false, true),
          replies.stream().map(CheckAndConsumeResponse::getAllowed).toList());
      assertEquals(
          List.of(false, true, false, false, false),
          replies.stream().map(CheckAndConsumeResponse::hasError).toList());
      assertEquals(3, replies.get(1).getError().getCode());
      assertEquals("domain is empty; use 1 to 128 bytes", replies.get(1).getError().getMessage());
    }
  }

  @Test
  void batch_isAskedAtOnceAndAnsweredInItsOwnOrder() throws Exception {
    HeldStore held = new HeldStore();
    try (Service service = Service.over(held, Rules.yearly(2))) {
      CheckAndConsumeBatchRequest.Builder batch = CheckAndConsumeBatchRequest.newBuilder();
      for (String user : List.of("a", "b", "c")) {
        batch.addRequests(question(user).toBuilder().setRequestId(user));
      }
      var replies = new CompletableFuture<List<CheckAndConsumeResponse>>();
      service
          .askAsync()
          .checkAndConsumeBatch(batch.build(), new One<>(replies, r -> r.getResponsesList()));
      List<HeldStore.Question> questions = List.of(held.next(), held.next(), held.next());
      questions.get(2).answer();
      questions.get(0).fail(new StoreException(StoreException.Kind.UNAVAILABLE, "away", null));
      assertFalse(replies.isDone());
      questions.get(1).answer();
      List<CheckAndConsumeResponse> all = replies.get();
      assertEquals(
          List.of("a", "b", "c"), all.stream().map(CheckAndConsumeResponse::getRequestId).toList());
      assertEquals(14, all.get(0).getError().getCode());
      assertTrue(all.get(1).getAllowed() && all.get(2).getAllowed());
    }
  }

  @Test
  void emptyBatch_hasAnEmptyAnswer() throws Exception {
    try (Service service = Service.over(store, Rules.yearly(2))) {
      CheckAndConsumeBatchRequest empty = CheckAndConsumeBatchRequest.getDefaultInstance();
      assertEquals(0, service.ask().checkAndConsumeBatch(empty).getResponsesCount());
    }
  }

  /** Whoever asks learns of it then, not when the time is over. */
  @Test
  void aDefect_endsTheCallThatMeetsIt() throws Exception {
    CounterStore defective =
        new ForwardingCounterStore(store) {
          @Override
          public CompletionStage<Answer> decide(Charge charge) {
            throw new LinkageError("a defect");
          }
        };
    try (Service service = Service.over(defective, Rules.yearly(5))) {
      CheckAndConsumeBatchRequest batch =
          CheckAndConsumeBatchRequest.newBuilder().addRequests(question("alice")).build();
      StatusRuntimeException ended =
          assertThrows(
              StatusRuntimeException.class, () -> service.ask().checkAndConsumeBatch(batch));
      assertEquals(Status.Code.INTERNAL, ended.getStatus().getCode(), ended.toString());
      assertThrows(
          StatusRuntimeException.class, () -> service.ask().checkAndConsume(question("alice")));
    }
  }
}
