package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How many instances share the limits, whatever Redis has forgotten. */
class InstancesTest {
  private final AtomicReference<CompletableFuture<Integer>> said =
      new AtomicReference<>(CompletableFuture.completedFuture(1));
  private final Instances instances = new Instances(said::get);

  private int count(CompletableFuture<Integer> answer, int beats) {
    said.set(answer);
    for (int i = 0; i < beats; i++) {
      instances.beat();
    }
    return instances.count();
  }

  private int count(int answer, int beats) {
    return count(CompletableFuture.completedFuture(answer), beats);
  }

  /** As when Redis was restarted empty and goes away again: the shares stay as they were. */
  @Test
  void fewerInstances_areBelievedWhenFiveBeatsInARowSaidSo() {
    assertEquals(3, count(3, 1));
    assertEquals(3, count(1, Instances.BEATS_OF_FEWER - 1));
    assertEquals(3, count(3, 1));
    assertEquals(3, count(2, Instances.BEATS_OF_FEWER - 1));
    assertEquals(2, count(2, 1));
  }

  @Test
  void moreInstances_areBelievedAtOnce() {
    assertEquals(2, count(2, 1));
    assertEquals(5, count(5, 1));
  }

  @Test
  void whileRedisIsAway_theCountStands() {
    assertEquals(4, count(4, 1));
    CompletableFuture<Integer> away = CompletableFuture.failedFuture(new IllegalStateException());
    assertEquals(4, count(away, 100));
  }
}
