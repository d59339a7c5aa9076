package io.limiter.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.limiter.client.CheckRequest;
import io.limiter.client.InvalidRequestException;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.RateLimited;
import io.limiter.client.http.HttpDenial;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A decorated call goes ahead if the answer allows it, and when. */
@Timeout(60)
final class RateLimitedTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final CheckRequest QUESTION = CheckRequest.in("mail").attribute("to", "bob");

  private final FakeLimiter fake = FakeLimiter.start();
  private final RateLimited limited = RateLimited.by(fake.client(), QUESTION);
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() {
    fake.close();
  }

  /** It would be charged for nothing. One question may be on its way. */
  @Test
  void whoIsCancelledWhileWaiting_asksNoMore() {
    fake.limit("per-mail", 1, Duration.ofMillis(1));
    limited.acquire();
    CompletableFuture<?> cancelled = limited.waitingUpTo(HOUR).acquireAsync();
    while (fake.asked().size() < 2) {
      Thread.onSpinWait();
    }
    cancelled.cancel(true);
    int asked = fake.asked().size();
    try (FakeLimiter other = FakeLimiter.start()) {
      // Waits for as long as several of its questions would take.
      other.deny(Duration.ofMillis(300));
      RateLimited.by(other.client(), QUESTION).waitingUpTo(HOUR).acquire();
    }
    assertTrue(fake.asked().size() <= asked + 1, () -> asked + " " + fake.asked());
  }

  @Test
  void whatIsAdmittedToWhoIsGone_goesBack() {
    fake.admit(Duration.ofMillis(200));
    CompletableFuture<?> gone = RateLimited.by(fake.client(), QUESTION.receipt()).acquireAsync();
    while (fake.asked().isEmpty()) {
      Thread.onSpinWait();
    }
    gone.cancel(true);
    while (fake.refunded() == 0) {
      Thread.onSpinWait();
    }
    assertEquals(1, fake.refunded());
  }

  @Test
  void everyKindOfCall_goesAheadWhenAdmitted_andNotWhenDenied() throws Exception {
    fake.limit("per-mail", 5, HOUR);
    assertEquals(1, limited.supplier(calls::incrementAndGet).get());
    assertEquals(2, limited.callable(calls::incrementAndGet).call());
    limited.runnable(calls::incrementAndGet).run();
    assertEquals(7, limited.function((Integer add) -> calls.addAndGet(add)).apply(4));
    assertEquals(
        "later",
        limited
            .completionStage(() -> CompletableFuture.completedFuture("later"))
            .get()
            .toCompletableFuture()
            .join());
    assertThrows(DeniedException.class, () -> limited.supplier(calls::incrementAndGet).get());
    assertThrows(DeniedException.class, () -> limited.callable(calls::incrementAndGet).call());
    assertThrows(DeniedException.class, () -> limited.runnable(calls::incrementAndGet).run());
    assertThrows(
        DeniedException.class,
        () -> limited.function((Integer add) -> calls.addAndGet(add)).apply(4));
    CompletableFuture<Object> failed =
        limited
            .completionStage(
                () -> {
                  calls.incrementAndGet();
                  return new CompletableFuture<>();
                })
            .get()
            .toCompletableFuture();
    assertInstanceOf(
        DeniedException.class, assertThrows(CompletionException.class, failed::join).getCause());
    assertEquals(7, calls.get());
  }

  @Test
  void aDenial_saysWhoDenied_andWhenToComeBack() {
    fake.limit("per-mail", 0, HOUR).deny(Duration.ofSeconds(2)).denyForever();
    DeniedException denied = assertThrows(DeniedException.class, limited::acquire);
    assertEquals("denied by rule \"scripted\"; try again after PT2S", denied.getMessage());
    assertEquals(Optional.of(Duration.ofSeconds(2)), denied.retryAfter());
    DeniedException forever = assertThrows(DeniedException.class, limited::acquire);
    assertEquals("denied by rule \"scripted\"; trying again is of no use", forever.getMessage());
    assertEquals(Optional.empty(), forever.retryAfter());
    assertEquals(0, forever.getStackTrace().length);
  }

  @Test
  void aDelay_isWaitedFor() {
    fake.admit(Duration.ofMillis(30));
    long start = System.nanoTime();
    limited.acquire();
    assertTrue(System.nanoTime() - start >= 30_000_000);
  }

  @Test
  void whoeverWaits_isNeverAskedForBeforeThereIsRoom() {
    fake.deny(Duration.ofMillis(15)).deny(Duration.ofMillis(15)).admit();
    long start = System.nanoTime();
    limited.waitingUpTo(HOUR).acquire();
    assertTrue(System.nanoTime() - start >= 30_000_000);
    assertEquals(3, fake.asked().size());
  }

  @Test
  void whoeverWaits_endsAtOnceWhenThereWillBeNoRoomInTime() {
    fake.deny(HOUR);
    RateLimited hasty = limited.waitingUpTo(Duration.ofMinutes(10));
    assertThrows(DeniedException.class, hasty::acquire);
    fake.denyForever();
    assertThrows(DeniedException.class, limited.waitingUpTo(Duration.ofDays(1))::acquire);
    assertEquals(2, fake.asked().size());
  }

  @Test
  void anAdmissionThatComesTooLate_isGivenBack() {
    fake.admit(HOUR);
    DeniedException late =
        assertThrows(
            DeniedException.class,
            RateLimited.by(fake.client(), QUESTION.receipt()).waitingUpTo(Duration.ofMinutes(1))
                ::acquire);
    assertEquals(Optional.of(HOUR), late.retryAfter());
    assertEquals("its turn comes after PT1H, which is too late", late.getMessage());
    // A server answers it like any other denial.
    HttpDenial told = HttpDenial.of(late.decision());
    assertEquals(429, told.status());
    assertEquals("3600", told.headers().get("Retry-After"));
    fake.client().close();
    assertEquals(1, fake.refunded());
  }

  @Test
  void theDecision_isWhatTheCallGoesBy() {
    fake.limit("per-mail", 1, HOUR);
    assertEquals(0, limited.acquire().remaining().orElseThrow());
    fake.deny(HOUR).deny(HOUR);
    assertEquals(Optional.of(HOUR), limited.decide().retryAfter());
    assertEquals(Optional.of(HOUR), limited.decideAsync().join().retryAfter());
  }

  @Test
  void ofADelayAlone_roomIsNotWaitedFor() {
    RateLimited delayed = limited.delayedUpTo(Duration.ofMillis(20));
    fake.deny(Duration.ofMillis(1)).admit(Duration.ofMillis(20)).admit(Duration.ofMillis(21));
    assertThrows(DeniedException.class, delayed::acquire);
    long start = System.nanoTime();
    assertTrue(delayed.acquire().allowed());
    assertTrue(System.nanoTime() - start >= 20_000_000);
    assertThrows(DeniedException.class, delayed::acquire);
    assertThrows(IllegalArgumentException.class, () -> limited.delayedUpTo(Duration.ofMillis(-1)));
  }

  @Test
  void withoutAnAnswer_thePolicyDecides() {
    fake.fail(Status.UNAVAILABLE);
    limited.acquire();
    fake.fail(Status.UNAVAILABLE);
    try (LimiterClient closed =
        LimiterClient.over(fake.channel())
            .deadline(Duration.ofMinutes(1))
            .onUnreachable(OnUnreachable.CLOSED)
            .build()) {
      DeniedException denied =
          assertThrows(DeniedException.class, RateLimited.by(closed, QUESTION)::acquire);
      assertEquals("not allowed: the rate-limit service gave no answer", denied.getMessage());
    }
  }

  @Test
  void aWrongQuestion_isThrownAsItIs() {
    fake.fail(Status.INVALID_ARGUMENT.withDescription("domain is empty"));
    assertThrows(InvalidRequestException.class, limited::acquire);
  }

  @Test
  void anInterruptedThread_doesNotGoAhead_andStaysInterrupted() {
    fake.admit(HOUR);
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, limited.runnable(calls::incrementAndGet)::run);
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals(0, calls.get());
  }
}
