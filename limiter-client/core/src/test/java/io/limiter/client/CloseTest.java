package io.limiter.client;

import static io.limiter.client.ServiceFake.admitted;
import static io.limiter.client.ServiceFake.denied;
import static io.limiter.client.ServiceFake.next;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class CloseTest {
  private static final CheckRequest QUESTION = CheckRequest.in("edge");

  private ServiceFake service;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFake();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void close_waitsForWhatIsUnderWayAndTakesNoMore() throws Exception {
    LimiterClient client = service.client().build();
    CompletableFuture<Decision> call = client.checkAsync(QUESTION);
    CompletableFuture<Decision> streamed = client.stream().check(QUESTION);
    StreamFake stream = next(service.streams);
    Thread closing = new Thread(client::close);
    closing.start();
    assertTrue(stream.halfClosed.await(ServiceFake.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertTrue(waits(closing), "two questions are under way");

    stream.answer(next(stream.questions), denied());
    assertInstanceOf(Decision.Denied.class, streamed.join());
    assertTrue(waits(closing), "one question is under way");

    next(service.checks).answer(admitted());
    assertInstanceOf(Decision.Admitted.class, call.join());
    closing.join();

    assertThrows(IllegalStateException.class, () -> client.check(QUESTION));
    assertThrows(IllegalStateException.class, client::stream);
    CompletionException thrown =
        assertThrows(CompletionException.class, () -> client.checkAsync(QUESTION).join());
    assertInstanceOf(IllegalStateException.class, thrown.getCause());
    client.close();
  }

  @Test
  void close_isHeldUpNoLongerThanDeadlines() {
    LimiterClient client = service.client().deadline(Duration.ofMillis(20)).build();
    CompletableFuture<Decision> call = client.checkAsync(QUESTION);
    CompletableFuture<Decision> streamed = client.stream().check(QUESTION);
    client.close();
    assertInstanceOf(Decision.Unreachable.class, call.join());
    assertInstanceOf(Decision.Unreachable.class, streamed.join());
  }

  @Test
  void close_leavesAChannelOfTheCallersOpen() throws Exception {
    service.client().build().close();
    assertFalse(service.channel().isShutdown());
    try (LimiterClient another = service.client().build()) {
      CompletableFuture<Decision> decision = another.checkAsync(QUESTION);
      next(service.checks).answer(admitted());
      assertTrue(decision.join().allowed());
    }
  }

  @Test
  void closeInterrupted_endsStreamsAtOnce() throws Exception {
    LimiterClient client = service.client().build();
    CompletableFuture<Decision> streamed = client.stream().check(QUESTION);
    next(service.streams);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread closing =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              client.close();
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    closing.start();
    assertTrue(interrupted.join());
    assertInstanceOf(Decision.Unreachable.class, streamed.join());
  }

  /** True once the thread waits, false once it has ended. */
  private static boolean waits(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      if (thread.getState() == Thread.State.TERMINATED) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }
}
