package io.limiter.server.store.redis.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.store.StoreException;
import io.limiter.testing.Await;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A subscription while there is nobody to subscribe to. */
class SubscriptionTest {
  /** Pauses of at least 10, 20, 40, 80, 160, 320 and 500 ms, then 500 each. */
  @Test
  void whileNobodyIsThere_itIsTriedEverMoreSlowly() {
    AtomicInteger tried = new AtomicInteger();
    ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    long start = System.nanoTime();
    try (Subscription subscription =
        new Subscription(
            () -> {
              tried.incrementAndGet();
              throw new StoreException(StoreException.Kind.UNAVAILABLE, "nobody", null);
            },
            "channel",
            message -> {},
            () -> {},
            thread)) {
      Await.until(() -> tried.get() >= 9);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertTrue(millis >= 10 + 20 + 40 + 80 + 160 + 320 + 500 + 500, millis + " ms");
      assertEquals("nobody", subscription.trouble());
    } finally {
      thread.shutdownNow();
    }
  }
}
