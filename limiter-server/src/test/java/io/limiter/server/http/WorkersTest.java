package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Slow requests leave their threads to others. */
@Timeout(60)
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
  void whoComesAfterOthers_getsTheThreadOfOne() {
    int most = 100;
    Workers many = new Workers(most);
    Set<Thread> used = new HashSet<>();
    try {
      for (int i = 0; i < most; i++) {
        Thread last = ask(many);
        used.add(last);
        while (last.getState() != Thread.State.WAITING
            && last.getState() != Thread.State.TIMED_WAITING) {
          Thread.onSpinWait(); // until it waits for the next request
        }
      }
    } finally {
      many.stop();
    }
    assertTrue(used.size() < most, "each of " + most + " got a new thread");
  }

  private static Thread ask(Workers workers) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    workers.execute(() -> thread.complete(Thread.currentThread()));
    return join(thread);
  }
}
