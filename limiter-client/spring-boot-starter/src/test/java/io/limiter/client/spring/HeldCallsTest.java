package io.limiter.client.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.spring.autoconfigure.LimiterClientAutoConfiguration;
import io.limiter.client.spring.autoconfigure.LimiterMethodAutoConfiguration;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** A call of a method whose annotation holds has room while it runs, and no longer. */
@Timeout(20)
class HeldCallsTest {
  private final FakeLimiter fake = FakeLimiter.start();
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  AopAutoConfiguration.class,
                  LimiterClientAutoConfiguration.class,
                  LimiterMethodAutoConfiguration.class))
          .withBean(LimiterClient.class, fake::client)
          .withPropertyValues("limiter.client.domain=exports");

  @AfterEach
  void stop() {
    fake.close();
  }

  /** Has methods of every kind. */
  public static class Exports {
    @RateLimited(attributes = "user=#user", hold = "1m")
    <T> T export(String user, Callable<T> job) throws Exception {
      return job.call();
    }

    @RateLimited(attributes = "user=#user", hold = "300ms")
    <T> T exportBriefly(String user, Callable<T> job) throws Exception {
      return job.call();
    }

    @RateLimited(attributes = "user=#user", hold = "1m")
    CompletableFuture<String> later(String user, CompletableFuture<String> job) {
      if (user.isEmpty()) {
        throw new IllegalArgumentException("nobody");
      }
      return job;
    }

    @RateLimited(attributes = "user=#user", hold = "1m")
    Mono<String> mono(String user, Mono<String> job) {
      return job;
    }

    @RateLimited(attributes = "user=#user", hold = "1m")
    Flux<String> flux(String user, Flux<String> job) {
      return job;
    }
  }

  private void withOneAtOnce(Consumer<Exports> test) {
    fake.concurrency("at-once", 1, Duration.ofMinutes(1), "user");
    runner
        .withBean(Exports.class)
        .run(
            context -> {
              test.accept(context.getBean(Exports.class));
              awaitHeld(0);
            });
  }

  /** Room is given back without waiting. */
  private void awaitHeld(int calls) {
    await(() -> fake.held() == calls);
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(1_000_000);
      assertFalse(Thread.interrupted(), "it did not come about in time");
    }
  }

  @Test
  void aMethod_holdsUntilItReturns() {
    withOneAtOnce(
        exports -> {
          try {
            String said =
                exports.export(
                    "alice",
                    () -> {
                      assertEquals(1, fake.held());
                      assertThrows(DeniedException.class, () -> exports.export("alice", () -> ""));
                      return exports.export("bob", () -> "both");
                    });
            assertEquals("both", said);
            awaitHeld(0);
            assertEquals("again", exports.export("alice", () -> "again"));
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    assertEquals(3, fake.released());
  }

  @Test
  void aMethodThatThrows_holdsNoLonger() {
    withOneAtOnce(
        exports ->
            assertThrows(
                java.io.IOException.class,
                () ->
                    exports.export(
                        "alice",
                        () -> {
                          throw new java.io.IOException();
                        })));
    assertEquals(1, fake.released());
  }

  @Test
  void aLongCall_isRenewed() {
    withOneAtOnce(
        exports -> {
          try {
            exports.exportBriefly(
                "alice",
                () -> {
                  await(() -> fake.renewed() >= 3);
                  return "";
                });
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aFuture_holdsUntilItIsComplete() {
    withOneAtOnce(
        exports -> {
          CompletableFuture<String> job = new CompletableFuture<>();
          CompletableFuture<String> first = exports.later("alice", job);
          awaitHeld(1);
          CompletableFuture<String> second = exports.later("alice", job);
          assertInstanceOf(
              DeniedException.class,
              assertThrows(CompletionException.class, second::join).getCause());
          job.complete("done");
          assertEquals("done", first.join());
          awaitHeld(0);
          CompletableFuture<String> failing = new CompletableFuture<>();
          CompletableFuture<String> third = exports.later("alice", failing);
          awaitHeld(1);
          failing.completeExceptionally(new IllegalStateException());
          assertThrows(CompletionException.class, third::join);
          awaitHeld(0);
          assertThrows(CompletionException.class, () -> exports.later("", job).join());
        });
    assertEquals(3, fake.released());
  }

  @Test
  void aMono_holdsUntilItEnds_orIsCancelled() {
    withOneAtOnce(
        exports -> {
          Sinks.One<String> job = Sinks.one();
          Mono<String> mono = exports.mono("alice", job.asMono());
          assertEquals(0, fake.held(), "nobody has subscribed");
          Disposable first = mono.subscribe();
          awaitHeld(1);
          StepVerifier.create(mono).verifyError(DeniedException.class);
          first.dispose();
          awaitHeld(0);
          StepVerifier.create(mono)
              .then(() -> awaitHeld(1))
              .then(() -> job.tryEmitValue("done"))
              .expectNext("done")
              .verifyComplete();
          awaitHeld(0);
          StepVerifier.create(exports.mono("alice", Mono.error(new IllegalStateException())))
              .verifyError(IllegalStateException.class);
        });
    assertEquals(3, fake.released());
  }

  @Test
  void aFlux_holdsUntilItEnds_orIsCancelled() {
    withOneAtOnce(
        exports -> {
          Flux<String> endless = Flux.just("a").concatWith(Flux.never());
          StepVerifier.create(exports.flux("alice", endless))
              .expectNext("a")
              .then(() -> assertEquals(1, fake.held()))
              .thenCancel()
              .verify();
          awaitHeld(0);
          StepVerifier.create(exports.flux("alice", Flux.just("a", "b")))
              .expectNext("a", "b")
              .verifyComplete();
          awaitHeld(0);
          StepVerifier.create(exports.flux("alice", Flux.error(new IllegalStateException())))
              .verifyError(IllegalStateException.class);
        });
    assertEquals(3, fake.released());
  }

  @Test
  void whoIsCancelledBeforeItsTurn_holdsNothing() {
    fake.admit(Duration.ofMillis(300));
    runner
        .withBean(Exports.class)
        .run(
            context -> {
              Disposable waiting =
                  context.getBean(Exports.class).mono("alice", Mono.just("")).subscribe();
              awaitHeld(1);
              waiting.dispose();
              awaitHeld(0);
            });
  }

  /** Of no length. */
  public static class Soon {
    @RateLimited(hold = "soon")
    void export() {}
  }

  /** Of less than none. */
  public static class Before {
    @RateLimited(hold = "-1s")
    void export() {}
  }

  @Test
  void aHoldThatIsNone_isFoundAtStartUp() {
    for (Class<?> type : new Class<?>[] {Soon.class, Before.class}) {
      runner
          .withBean(type)
          .run(
              context -> {
                StringBuilder messages = new StringBuilder();
                Throwable failure = context.getStartupFailure();
                while (failure != null) {
                  messages.append(failure.getMessage());
                  failure = failure.getCause();
                }
                String hold = type == Soon.class ? "soon" : "-1s";
                String expected =
                    "@RateLimited on %s.export() has the hold \"%s\", which is no positive duration; write it as 30s or 1m"
                        .formatted(type.getSimpleName(), hold);
                assertTrue(messages.toString().contains(expected), messages::toString);
              });
    }
  }
}
