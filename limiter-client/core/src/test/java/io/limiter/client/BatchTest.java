package io.limiter.client;

import static io.limiter.client.ServiceFake.admitted;
import static io.limiter.client.ServiceFake.denied;
import static io.limiter.client.ServiceFake.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.DecisionError;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class BatchTest {
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
  void answers_keepTheOrderOfTheQuestions() throws Exception {
    CompletableFuture<List<Decision>> decisions =
        client.checkAllAsync(List.of(about("a"), about("b"), about("c")));
    ServiceFake.Asked<CheckAndConsumeBatchRequest, CheckAndConsumeBatchResponse> batch =
        next(service.batches);
    assertEquals(
        List.of("a", "b", "c"),
        batch.question().getRequestsList().stream()
            .map(request -> request.getAttributesOrThrow("user"))
            .toList());
    batch.answer(batchOf(admitted(), denied(), admitted()));
    assertEquals(
        List.of(true, false, true), decisions.join().stream().map(Decision::allowed).toList());
  }

  @Test
  void entrysError_isInItsDecisionAlone() throws Exception {
    CompletableFuture<List<Decision>> decisions =
        client.checkAllAsync(List.of(about("a"), about("b"), about("c"), about("d")));
    next(service.batches)
        .answer(
            batchOf(
                admitted(),
                error(com.google.rpc.Code.INVALID_ARGUMENT, "cost 9 is above 8; ask less"),
                error(com.google.rpc.Code.UNAVAILABLE, "the service is shutting down"),
                denied()));
    List<Decision> answered = decisions.join();
    assertInstanceOf(Decision.Admitted.class, answered.get(0));
    Decision.Invalid invalid = assertInstanceOf(Decision.Invalid.class, answered.get(1));
    assertFalse(invalid.allowed());
    assertEquals("INVALID_ARGUMENT: cost 9 is above 8; ask less", invalid.cause().getMessage());
    assertTrue(assertInstanceOf(Decision.Unreachable.class, answered.get(2)).allowed());
    assertInstanceOf(Decision.Denied.class, answered.get(3));
  }

  @Test
  void outage_answersEachEntryByItsOwnPolicy() throws Exception {
    CompletableFuture<List<Decision>> decisions =
        client.checkAllAsync(
            List.of(about("a"), about("b").onUnreachable(OnUnreachable.CLOSED), about("c")));
    next(service.batches).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    List<Decision> answered = decisions.join();
    answered.forEach(decision -> assertInstanceOf(Decision.Unreachable.class, decision));
    assertEquals(List.of(true, false, true), answered.stream().map(Decision::allowed).toList());
    assertTrue(service.batches.isEmpty(), "the batch was sent again");
  }

  @Test
  void answersOfAnotherNumber_areNoAnswers() throws Exception {
    CompletableFuture<List<Decision>> decisions =
        client.checkAllAsync(List.of(about("a"), about("b")));
    next(service.batches).answer(batchOf(admitted()));
    assertEquals(2, decisions.join().size());
    decisions.join().forEach(each -> assertInstanceOf(Decision.Unreachable.class, each));
  }

  @Test
  void batchRefusedWhole_isThrown() throws Exception {
    CompletableFuture<List<Decision>> decisions = client.checkAllAsync(List.of(about("a")));
    next(service.batches)
        .replies()
        .onError(Status.INVALID_ARGUMENT.withDescription("requests").asRuntimeException());
    CompletionException thrown = assertThrows(CompletionException.class, decisions::join);
    assertInstanceOf(InvalidRequestException.class, thrown.getCause());
  }

  @Test
  void emptyBatch_asksNothing() {
    assertEquals(List.of(), client.checkAll(List.of()));
    assertEquals(List.of(), client.checkAllAsync(List.of()).join());
    assertTrue(service.batches.isEmpty());
  }

  @Test
  void shortestDeadline_isTheBatchs() throws Exception {
    CompletableFuture<List<Decision>> patient = client.checkAllAsync(List.of(about("p")));
    var asked = next(service.batches);
    List<Decision> decisions =
        client.checkAll(
            List.of(about("a"), about("b").deadline(Duration.ofMillis(20)), about("c")));
    decisions.forEach(each -> assertInstanceOf(Decision.Unreachable.class, each));
    assertFalse(patient.isDone(), "asked first, with a longer deadline");
    asked.answer(batchOf(admitted()));
    assertInstanceOf(Decision.Admitted.class, patient.join().get(0));
  }

  private static CheckRequest about(String user) {
    return CheckRequest.in("edge").attribute("user", user);
  }

  private static CheckAndConsumeBatchResponse batchOf(CheckAndConsumeResponse... responses) {
    return CheckAndConsumeBatchResponse.newBuilder().addAllResponses(List.of(responses)).build();
  }

  private static CheckAndConsumeResponse error(com.google.rpc.Code code, String message) {
    return CheckAndConsumeResponse.newBuilder()
        .setError(DecisionError.newBuilder().setCode(code.getNumber()).setMessage(message))
        .build();
  }
}
