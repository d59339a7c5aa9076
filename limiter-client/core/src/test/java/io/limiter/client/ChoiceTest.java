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
import io.limiter.client.upstream.Observation;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ObserveResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several alternatives are one question; what an upstream said is told as it was said. */
@Timeout(120)
final class ChoiceTest {
  private static final CheckRequest ONE = CheckRequest.in("llm").attribute("key", "one");
  private static final CheckRequest OTHER = CheckRequest.in("llm").attribute("key", "other");

  private final List<Decision> heard = Collections.synchronizedList(new ArrayList<>());
  private ServiceFake service;
  private LimiterClient client;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFake();
    client = service.client().onDecision(heard::add).build();
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  private static CheckAnyResponse.Builder chosen(int place) {
    return CheckAnyResponse.newBuilder()
        .setChosen(place)
        .setResponse(place < 0 ? denied() : admitted());
  }

  private CompletableFuture<LimiterClient.Choice> asked(CheckAnyResponse.Builder answer)
      throws Exception {
    CompletableFuture<LimiterClient.Choice> choice = client.checkAnyAsync(List.of(ONE, OTHER));
    next(service.choices).answer(answer.build());
    return choice;
  }

  @Test
  void theChosen_hasItsPlace_andThoseBeforeIt() throws Exception {
    CompletableFuture<LimiterClient.Choice> choice = client.checkAnyAsync(List.of(ONE, OTHER));
    ServiceFake.Asked<CheckAnyRequest, CheckAnyResponse> question = next(service.choices);
    assertEquals(
        List.of("one", "other"),
        question.question().getAlternativesList().stream()
            .map(one -> one.getAttributesOrThrow("key"))
            .toList());
    question.answer(chosen(1).addDenied(denied()).build());
    assertEquals(OptionalInt.of(1), choice.join().place());
    assertTrue(choice.join().decision().allowed());
    assertFalse(choice.join().denied().get(0).allowed());
    assertEquals(1, heard.size());
  }

  @Test
  void noneChosen_hasNoPlace() throws Exception {
    LimiterClient.Choice none = asked(chosen(-1).addDenied(denied()).addDenied(denied())).join();
    assertEquals(OptionalInt.empty(), none.place());
    assertFalse(none.decision().allowed());
    assertEquals(2, none.denied().size());
  }

  @Test
  void anAnswerThatCannotBe_isNone() throws Exception {
    assertInstanceOf(Decision.Unreachable.class, asked(chosen(2)).join().decision());
    assertInstanceOf(
        Decision.Unreachable.class, asked(chosen(1).setResponse(denied())).join().decision());
  }

  @Test
  void withoutAnAnswer_thePolicyOfTheFirstDecides() throws Exception {
    for (OnUnreachable policy : OnUnreachable.values()) {
      CompletableFuture<LimiterClient.Choice> choice =
          client.checkAnyAsync(
              List.of(ONE.onUnreachable(policy), OTHER.onUnreachable(OnUnreachable.CLOSED)));
      next(service.choices).replies().onError(Status.UNAVAILABLE.asRuntimeException());
      boolean open = policy == OnUnreachable.OPEN;
      assertEquals(open ? OptionalInt.of(0) : OptionalInt.empty(), choice.join().place());
      assertEquals(open, choice.join().decision().allowed());
      assertEquals(List.of(), choice.join().denied());
    }
    assertEquals(1, client.failedOpen());
  }

  @Test
  void sentAgain_onlyIfAllHaveKeys() throws Exception {
    CheckRequest keyed = ONE.idempotencyKey("a");
    CompletableFuture<LimiterClient.Choice> choice =
        client.checkAnyAsync(List.of(keyed, OTHER.idempotencyKey("b")));
    next(service.choices).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    next(service.choices).answer(chosen(0).build());
    assertTrue(choice.join().decision().allowed());
    CompletableFuture<LimiterClient.Choice> half = client.checkAnyAsync(List.of(keyed, OTHER));
    next(service.choices).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    assertInstanceOf(Decision.Unreachable.class, half.join().decision());
    assertEquals(1, client.retried());
  }

  @Test
  void noAlternative_isRefused() {
    assertEquals(
        "alternatives: there is none; pass 1 to 16",
        assertThrows(InvalidRequestException.class, () -> client.checkAny(List.of())).getMessage());
  }

  @Test
  void anObservation_isToldAsItIs_andSafeToSendAgain() throws Exception {
    CompletableFuture<Integer> clamped =
        client.observeAsync(
            ONE,
            Observation.remaining(7, Duration.ofSeconds(3))
                .withLimit(100)
                .withBlock(Duration.ofMillis(1_500))
                .withUnit("tokens"),
            "per-key");
    next(service.observations).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    ServiceFake.Asked<ObserveRequest, ObserveResponse> told = next(service.observations);
    assertEquals(
        ObserveRequest.newBuilder()
            .setDomain("llm")
            .putAttributes("key", "one")
            .addRules("per-key")
            .setUnit("tokens")
            .setLimit(100)
            .setRemaining(7)
            .setResetAfter(Wire.message(Duration.ofSeconds(3)))
            .setBlockedFor(Wire.message(Duration.ofMillis(1_500)))
            .build(),
        told.question());
    told.answer(ObserveResponse.newBuilder().setCountersClamped(2).build());
    assertEquals(2, clamped.join());
  }

  @Test
  void whatIsNotKnown_isNotTold() throws Exception {
    CompletableFuture<Integer> clamped =
        client.observeAsync(ONE, Observation.blocked(Duration.ofSeconds(2)));
    ServiceFake.Asked<ObserveRequest, ObserveResponse> told = next(service.observations);
    assertFalse(told.question().hasRemaining() || told.question().hasLimit());
    assertFalse(told.question().hasResetAfter());
    told.replies().onError(Status.INVALID_ARGUMENT.asRuntimeException());
    assertInstanceOf(
        InvalidRequestException.class,
        assertThrows(CompletionException.class, clamped::join).getCause());
  }
}
