package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whenever the process is told to end, what serves by then is closed. */
@Timeout(60)
class EndingTest {
  private final AtomicInteger closed = new AtomicInteger();

  @Test
  void whoIsToldToEnd_betweenTheOpenPortAndTheServicesHandover_closesIt() throws Exception {
    Ending ending = new Ending(Duration.ofMinutes(1));
    Thread shutdown = new Thread(ending::end);
    shutdown.start();
    ending.await(closed::incrementAndGet);
    shutdown.join();
    assertEquals(1, closed.get());
  }

  @Test
  void whoIsToldToEnd_whileItServes_closesIt() throws Exception {
    Ending ending = new Ending(Duration.ofMinutes(1));
    CompletableFuture<Void> served =
        CompletableFuture.runAsync(
            () -> {
              try {
                ending.await(closed::incrementAndGet);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    assertFalse(served.isDone());
    ending.end();
    served.get();
    assertEquals(1, closed.get());
  }

  @Test
  void whoeverDidNotStart_endsAllTheSame() {
    Ending starting = new Ending(Duration.ZERO);
    starting.end();
    Ending failed = new Ending(Duration.ofMinutes(1));
    failed.close();
    failed.end();
    assertEquals(0, closed.get());
  }
}
