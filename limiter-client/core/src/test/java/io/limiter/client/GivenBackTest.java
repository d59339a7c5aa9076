package io.limiter.client;

import static io.limiter.client.ServiceFake.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ResetResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client gives back ends its cached denials. */
@Timeout(120)
final class GivenBackTest {
  private static final CheckRequest QUESTION = CheckRequest.in("edge").attribute("user", "alice");

  private ServiceFake service;
  private LimiterClient client;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFake();
    client =
        service.client().retries(false).nanoTime(() -> 0).denyCache(Duration.ofMinutes(1)).build();
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  private void isAskedAndDenied() throws Exception {
    CompletableFuture<Decision> denied = client.checkAsync(QUESTION);
    next(service.checks).answer(ServiceFake.denied());
    assertEquals(Source.REDIS, denied.join().source());
    assertEquals(Source.DENY_CACHE, client.check(QUESTION).source());
  }

  @Test
  void aReset_endsDenials() throws Exception {
    isAskedAndDenied();
    CompletableFuture<Integer> reset = client.resetAsync("edge", Map.of());
    next(service.resets).answer(ResetResponse.newBuilder().setCountersReset(1).build());
    assertEquals(1, reset.join());
    isAskedAndDenied();
  }

  @Test
  void aDenialFromBeforeTheReset_thatComesAfterIt_isNotCached() throws Exception {
    CompletableFuture<Decision> early = client.checkAsync(QUESTION);
    ServiceFake.Asked<?, CheckAndConsumeResponse> question = next(service.checks);
    CompletableFuture<Integer> reset = client.resetAsync("edge", Map.of());
    next(service.resets).answer(ResetResponse.getDefaultInstance());
    assertEquals(0, reset.join());
    question.answer(ServiceFake.denied());
    assertEquals(Source.REDIS, early.join().source());
    isAskedAndDenied();
  }

  @Test
  void whatMayHaveBeenDone_endsDenialsToo() throws Exception {
    isAskedAndDenied();
    CompletableFuture<Integer> reset = client.resetAsync("edge", Map.of());
    next(service.resets).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    assertThrows(CompletionException.class, reset::join);
    isAskedAndDenied();
    CompletableFuture<Boolean> refund = client.refundAsync(new Receipt("0a"));
    next(service.refunds).replies().onError(Status.UNAVAILABLE.asRuntimeException());
    assertThrows(CompletionException.class, refund::join);
    isAskedAndDenied();
    assertTrue(service.checks.isEmpty());
  }
}
