package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.Slots;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import io.limiter.testing.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Questions whose counters lie in several slots of a Redis Cluster. */
class ClusterSlotsIT extends OnCluster {
  /** More ask than fit; three limits of different sizes lie in three slots. */
  @Test
  void groupsOverSlots_neverExceedALimit_andADenialLeavesNoChargeBehind() {
    start(3, false);
    Limit window = FixedWindow.per(366 * 86_400_000_000L, 500);
    Limit bucket = TokenBucket.of(1, 60 * 86_400_000_000L, 700);
    Limit log = new SlidingLog(600, 366 * 86_400_000_000L);
    String[] keys = {key(1, "w"), key(2, "b"), key(3, "l")};
    assertEquals(3, List.of(keys).stream().map(Slots::of).distinct().count());
    AtomicInteger admitted = new AtomicInteger();
    AtomicInteger ofThree = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      boolean two = i % 3 == 0;
      all.add(
          CompletableFuture.runAsync(
              () -> {
                Charge.Entry first = new Charge.Entry(keys[0], window, 1);
                Charge.Entry second = new Charge.Entry(keys[1], bucket, 1);
                Charge.Entry third = new Charge.Entry(keys[2], log, 1);
                Charge asked =
                    two
                        ? whole(false, null, third, first)
                        : whole(false, null, first, second, third);
                int one = ask(asked).admitted() ? 1 : 0;
                admitted.addAndGet(one);
                ofThree.addAndGet(two ? 0 : one);
              },
              callers));
    }
    all.forEach(CompletableFuture::join);
    callers.shutdown();
    // A charge that goes back soon may deny others meanwhile; once no question is under way, one
    // after the other fills the limit exactly.
    while (ask(whole(
            false, null, new Charge.Entry(keys[2], log, 1), new Charge.Entry(keys[0], window, 1)))
        .admitted()) {
      admitted.incrementAndGet();
    }
    assertEquals(500, admitted.get());
    assertEquals(500, used(keys[0], window));
    assertEquals(500, used(keys[2], log));
    assertEquals(ofThree.get(), used(keys[1], bucket));
  }

  @Test
  void aReceiptOverSlots_givesBackInEach_once_andARepetitionIsAnsweredAlike() {
    start(3, false);
    Charge.Entry one = new Charge.Entry(key(1, "a"), PLENTY, 3);
    Charge.Entry two = new Charge.Entry(key(2, "b"), PLENTY, 4);
    Answer.Decided first = ask(whole(true, "once", one, two));
    Answer.Decided again = ask(whole(true, "once", one, two));
    assertTrue(first.admitted() && again.admitted() && again.replayed() && !first.replayed());
    Receipt receipt = first.receipt();
    assertNotNull(receipt);
    assertEquals(receipt, again.receipt());
    assertEquals(3, used(key(1, "a"), PLENTY));
    assertEquals(4, used(key(2, "b"), PLENTY));
    assertTrue(StoreOnRedis.join(store().refund(Receipt.of(receipt.toBytes()))));
    assertEquals(false, StoreOnRedis.join(store().refund(receipt)));
    assertEquals(0, used(key(1, "a"), PLENTY));
    assertEquals(0, used(key(2, "b"), PLENTY));
  }

  /** What a denial gave back, a repetition under its key is charged for. */
  @Test
  void anAdmissionThatWentBack_isNotRepeatedFromItsRecord() {
    start(3, false);
    Limit none = FixedWindow.per(366 * 86_400_000_000L, 1);
    // In the order of slots the first charges, the last denies.
    List<String> keys = new ArrayList<>(List.of(key(1, "a"), key(2, "b")));
    keys.sort(Comparator.comparing(Slots::of));
    Charge.Entry one = new Charge.Entry(keys.get(0), PLENTY, 5);
    Charge.Entry two = new Charge.Entry(keys.get(1), none, 1);
    ask(new Charge.Whole(List.of(two)));
    assertEquals(false, ask(whole(true, "k", one, two)).admitted());
    assertEquals(0, used(keys.get(0), PLENTY));
    StoreOnRedis.join(store().reset(List.of(keys.get(1))));
    Answer.Decided now = ask(whole(true, "k", one, two));
    assertTrue(now.admitted() && !now.replayed());
    assertEquals(5, used(keys.get(0), PLENTY));
  }

  /** The second slot is with a primary that answers nothing until the caller has given up. */
  @Test
  void aQuestionThatFailsInASlot_leavesNoChargeInAnother() throws Exception {
    start(3, false, Optional.of(Duration.ofMillis(200)));
    int tag = 2;
    while (!isLater(tag)) {
      tag++;
    }
    String first = key(1, "a");
    String second = key(tag, "b");
    Charge asked =
        whole(true, "k", new Charge.Entry(first, PLENTY, 5), new Charge.Entry(second, PLENTY, 5));
    StoreOnRedis.await(() -> failure(first) == null && failure(second) == null);
    StoreOnRedis.join(store().reset(List.of(first, second)));
    TestCluster.Member silent = cluster().holder(Slots.of(second));
    Signal.send("STOP", silent.process());
    CompletionException failed =
        assertThrows(CompletionException.class, () -> StoreOnRedis.join(store().decide(asked)));
    assertInstanceOf(StoreException.class, failed.getCause());
    Signal.send("CONT", silent.process());
    StoreOnRedis.await(() -> used(first) == 0 && used(second) == 0);
    // What came late would have come by now: it was sent before this is answered.
    StoreOnRedis.await(() -> failure(second) == null);
    assertEquals(1, used(second));
    assertEquals(0, used(first));
  }

  /** Whether a tag's slot is asked after that of tag 1, of another primary. */
  private boolean isLater(int tag) {
    int first = Slots.of(key(1, ""));
    int slot = Slots.of(key(tag, ""));
    return slot > first && !cluster().holder(slot).equals(cluster().holder(first));
  }

  /** -1 while it cannot be asked. */
  private long used(String key) {
    try {
      return used(key, PLENTY);
    } catch (CompletionException away) {
      return -1;
    }
  }
}
