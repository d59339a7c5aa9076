package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.key.Slots;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CreditListener;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What instances hear of each other in a Redis Cluster, where each listens at some member. */
class ClusterPeersIT extends OnCluster {
  private static final int INSTANCES = 8;

  /** Notes which keys it hears of. */
  private record Heard(Set<String> keys) implements CreditListener {
    @Override
    public void credited(List<String> credited) {
      keys.addAll(credited);
    }

    @Override
    public void missedSome() {}
  }

  @Test
  void whatIsGivenBackAtAnyPrimary_isHeardOfByEveryInstance() {
    start(3, false);
    Set<String> expected = new HashSet<>();
    List<Heard> all = new ArrayList<>();
    List<RedisWatch> watches = new ArrayList<>();
    try (RedisCounterStore other =
        RedisCounterStore.connect(Patient.settings(cluster().uri()), StoreListener.NONE)) {
      StoreOnRedis.await(other::connected);
      for (int i = 0; i < INSTANCES; i++) {
        Heard heard = new Heard(ConcurrentHashMap.newKeySet());
        all.add(heard);
        watches.add(RedisWatch.over(other, Optional.of(heard)));
      }
      StoreOnRedis.await(() -> watches.stream().allMatch(RedisWatch::hears));
      List<String> reset = IntStream.range(0, 30).mapToObj(tag -> key(tag, "reset")).toList();
      assertEquals(
          3, reset.stream().map(key -> cluster().holder(Slots.of(key))).distinct().count());
      StoreOnRedis.join(store().reset(reset));
      expected.addAll(reset);
      for (int tag = 0; tag < 12; tag++) {
        Charge.Entry refunded = new Charge.Entry(key(tag, "refunded"), PLENTY, 1);
        Answer.Decided charged = ask(whole(true, null, refunded));
        assertTrue(StoreOnRedis.join(store().refund(Objects.requireNonNull(charged.receipt()))));
        expected.add(refunded.key());
        ask(whole(false, null, new Charge.Entry(key(tag, "credited"), PLENTY, 5)));
        ask(whole(false, null, new Charge.Entry(key(tag, "credited"), PLENTY, -5)));
        expected.add(key(tag, "credited"));
      }
      all.forEach(heard -> StoreOnRedis.await(() -> heard.keys().equals(expected)));
    } finally {
      watches.forEach(RedisWatch::close);
    }
  }

  @Test
  void whoWatchesBeforeTheMembersAreKnown_hearsOnceTheyAre() {
    start(3, false);
    Heard heard = new Heard(ConcurrentHashMap.newKeySet());
    try (RedisCounterStore early =
            RedisCounterStore.connect(Patient.settings(cluster().uri()), StoreListener.NONE);
        RedisWatch watch = RedisWatch.over(early, Optional.of(heard))) {
      StoreOnRedis.await(watch::hears);
      StoreOnRedis.join(store().reset(List.of(key(1, "reset"))));
      StoreOnRedis.await(() -> heard.keys().contains(key(1, "reset")));
    }
  }
}
