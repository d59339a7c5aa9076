package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slow requests leave their threads to others. */
class WorkersTest {
  private final Workers workers = new Workers(2);
  private final CountDownLatch never = new CountDownLatch(1);

  @AfterEach
  void stop() {
    workers.stop();
  }

  /** A request that reads from a client that never finishes; says how it ended. */
  private CompletableFuture<String> slow() throws InterruptedException {
    CompletableFuture<String> end = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    workers.execute(
        () -> {
          begun.countDown();
          try {
            never.await();
          } catch (InterruptedException cutOff) {
            end.complete("cut off");
          }
        });
    assertTrue(begun.await(1, TimeUnit.MINUTES), "it got no thread");
    return end;
  }

  private static <T> T join(CompletableFuture<T> future) {
    return future.orTimeout(1, TimeUnit.MINUTES).join();
  }

  @Test
  void whenAllAreBusy_theOldestIsCutOff_andTheNextGetsItsThread() throws Exception {
    CompletableFuture<String> oldest = slow();
    CompletableFuture<String> second = slow();
    CompletableFuture<String> third = slow();
    assertEquals("cut off", join(oldest));
    assertFalse(second.isDone());
    CompletableFuture<String> fourth = slow();
    assertEquals("cut off", join(second));
    assertFalse(third.isDone() || fourth.isDone());
  }

  @Test
  void whileAThreadIsFree_nobodyIsCutOff() throws Exception {
    CompletableFuture<String> first = slow();
    CompletableFuture<String> second = slow();
    assertFalse(first.isDone() || second.isDone());
  }

  @Test
  void whoComesAfterAnother_getsTheSameThread() {
    Workers many = new Workers(100);
    try {
      Thread only = ask(many);
      for (int i = 0; i < 100; i++) {
        while (only.getState() != Thread.State.TIMED_WAITING) {
          Thread.onSpinWait(); // until it waits for the next request
        }
        assertSame(only, ask(many));
      }
    } finally {
      many.stop();
    }
  }

  private static Thread ask(Workers workers) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    workers.execute(() -> thread.complete(Thread.currentThread()));
    return join(thread);
  }
}
