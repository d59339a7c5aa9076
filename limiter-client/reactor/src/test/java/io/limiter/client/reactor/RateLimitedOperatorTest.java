package io.limiter.client.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.RateLimited;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is subscribed to goes ahead if the answer allows it. */
@Timeout(60)
class RateLimitedOperatorTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final CheckRequest QUESTION = CheckRequest.in("mail").attribute("to", "bob");

  private final FakeLimiter fake = FakeLimiter.start();
  private final RateLimited limited = RateLimited.by(fake.client(), QUESTION);
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() {
    fake.close();
  }

  private Mono<Integer> call() {
    return Mono.fromCallable(calls::incrementAndGet);
  }

  @Test
  void eachSubscription_asks_andOneThatIsDeniedDoesNothing() {
    fake.limit("per-mail", 2, HOUR);
    Mono<Integer> mono = call().transformDeferred(RateLimitedOperator.of(limited));
    assertEquals(0, fake.asked().size());
    assertEquals(1, mono.block());
    assertEquals(2, mono.block());
    assertThrows(DeniedException.class, mono::block);
    assertEquals(2, calls.get());
    assertEquals(3, fake.asked().size());
  }

  @Test
  void aFlux_asksOnce_howeverMuchItPublishes() {
    fake.limit("per-mail", 1, HOUR);
    Flux<Integer> flux =
        call().flatMapMany(first -> Flux.range(0, 5)).transform(RateLimitedOperator.of(limited));
    assertEquals(List.of(0, 1, 2, 3, 4), flux.collectList().block());
    assertEquals(1, fake.asked().size());
    assertThrows(DeniedException.class, () -> flux.blockLast());
    assertEquals(1, calls.get());
  }

  @Test
  void aRepetition_asksAgain() {
    fake.limit("per-mail", 2, HOUR);
    Mono<Integer> failing =
        call().<Integer>flatMap(one -> Mono.error(new IllegalStateException("broken")));
    Mono<Integer> mono = failing.transformDeferred(RateLimitedOperator.of(limited)).retry(5);
    assertInstanceOf(DeniedException.class, assertThrows(RuntimeException.class, mono::block));
    assertEquals(2, calls.get());
  }

  /** It would be charged for nothing. One question may be on its way. */
  @Test
  void whoIsCancelledWhileWaiting_asksNoMore_andDoesNothing() {
    fake.limit("per-mail", 1, Duration.ofMillis(1));
    limited.acquire();
    RateLimited waiting = limited.waitingUpTo(HOUR);
    Disposable cancelled = call().transformDeferred(RateLimitedOperator.of(waiting)).subscribe();
    while (fake.asked().size() < 2) {
      Thread.onSpinWait();
    }
    cancelled.dispose();
    int asked = fake.asked().size();
    try (FakeLimiter other = FakeLimiter.start()) {
      // Waits for as long as several of its questions would take.
      other.deny(Duration.ofMillis(300));
      RateLimited.by(other.client(), QUESTION).waitingUpTo(HOUR).acquire();
    }
    assertTrue(fake.asked().size() <= asked + 1, () -> asked + " " + fake.asked());
    assertEquals(0, calls.get());
  }
}
