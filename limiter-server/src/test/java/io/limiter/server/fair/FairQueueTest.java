package io.limiter.server.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Callers are served in turn, whatever one of them has waiting. */
class FairQueueTest {
  private static final int HOG = 1;
  private static final int OTHER = 2;

  private record Waiting(int caller, int number, int cost) implements FairQueue.Item {}

  private static void fill(FairQueue<Waiting> queue, int caller, int count, int cost) {
    for (int i = 0; i < count; i++) {
      assertTrue(queue.add(caller, new Waiting(caller, i, cost)));
    }
  }

  private static List<Waiting> drain(FairQueue<Waiting> queue) {
    List<Waiting> all = new ArrayList<>();
    for (Waiting next = queue.poll(); next != null; next = queue.poll()) {
      all.add(next);
    }
    return all;
  }

  @Test
  void aCallerWithLittle_waitsForOneTurnOfEachOther() {
    FairQueue<Waiting> queue = new FairQueue<>(10_000);
    fill(queue, HOG, 500, 16);
    fill(queue, OTHER, 1, 1);
    List<Waiting> served = drain(queue);
    assertEquals(501, served.size());
    assertTrue(served.indexOf(new Waiting(OTHER, 0, 1)) <= 1);
  }

  @Test
  void turnsAreOfEqualCost_notOfEqualCount() {
    FairQueue<Waiting> queue = new FairQueue<>(10_000);
    fill(queue, HOG, 100, FairQueue.TURN);
    fill(queue, OTHER, 10 * FairQueue.TURN, 1);
    List<Waiting> served = drain(queue).subList(0, 10 + 10 * FairQueue.TURN);
    assertEquals(10, served.stream().filter(one -> one.caller() == HOG).count());
  }

  @Test
  void theItemsOfACaller_keepTheirOrder() {
    FairQueue<Waiting> queue = new FairQueue<>(10_000);
    for (int i = 0; i < 300; i++) {
      queue.add(i % 3, new Waiting(i % 3, i, 1 + i % 5));
    }
    int[] last = {-1, -1, -1};
    for (Waiting one : drain(queue)) {
      assertTrue(one.number() > last[one.caller()]);
      last[one.caller()] = one.number();
    }
  }

  @Test
  void oneAloneMayHaveSoMuchWaiting_andStillLeavesRoomForOthers() {
    FairQueue<Waiting> queue = new FairQueue<>(100);
    fill(queue, HOG, 100, 1);
    assertFalse(queue.add(HOG, new Waiting(HOG, 100, 1)));
    fill(queue, OTHER, 50, 1);
    assertFalse(queue.add(OTHER, new Waiting(OTHER, 50, 1)));
    assertTrue(queue.add(3, new Waiting(3, 0, 1)));
    assertEquals(151, queue.waiting());
    assertEquals(151, drain(queue).size());
    assertTrue(queue.isEmpty());
  }

  @Test
  void whatIsAheadOfACaller_isItsOwnAndAsMuchOfEachOther() {
    FairQueue<Waiting> queue = new FairQueue<>(100_000);
    fill(queue, HOG, 1_000, 16);
    assertEquals(16_000, queue.ahead(HOG));
    assertTrue(queue.ahead(OTHER) <= 2 * FairQueue.TURN);
  }

  /** Three threads add and one takes, through few lines that become empty again and again. */
  @Test
  void nothingIsLost_whileThreadsAddAndOneTakes() throws Exception {
    FairQueue<Waiting> queue = new FairQueue<>(1_000_000);
    int each = 100_000;
    List<CompletableFuture<Void>> adding = new ArrayList<>();
    for (int thread = 0; thread < 3; thread++) {
      int from = thread * each;
      adding.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = from; i < from + each; i++) {
                  assertTrue(queue.add(i % 4, new Waiting(i % 4, i, 1)));
                }
              }));
    }
    CompletableFuture<Void> added =
        CompletableFuture.allOf(adding.toArray(CompletableFuture<?>[]::new));
    Set<Integer> taken = ConcurrentHashMap.newKeySet();
    boolean last = false;
    while (true) {
      Waiting next = queue.poll();
      if (next != null) {
        assertTrue(taken.add(next.number()));
      } else if (last) {
        break;
      } else {
        last = added.isDone();
      }
    }
    added.get(1, TimeUnit.MINUTES);
    assertEquals(3 * each, taken.size());
    assertTrue(queue.isEmpty());
  }
}
