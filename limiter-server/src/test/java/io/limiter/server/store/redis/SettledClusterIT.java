package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.store.Charge;
import io.limiter.server.store.DebtListener;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.fallback.RuleFallback;
import io.limiter.server.store.fallback.Settler;
import io.limiter.testing.Await;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What is admitted without a Redis Cluster is charged to each of its primaries afterwards. */
class SettledClusterIT extends OnCluster {
  private static final int COUNTERS = 300;
  private final StoreException away =
      new StoreException(StoreException.Kind.UNAVAILABLE, "away", null);

  private final Map<DebtListener.Unsettled, Long> unsettled = new ConcurrentHashMap<>();
  private final DebtListener listener =
      new DebtListener() {
        @Override
        public void unsettled(Unsettled why, long hits) {
          unsettled.merge(why, hits, Long::sum);
        }
      };

  private static Charge question(int tag, boolean keyed, Charge.Entry... entries) {
    return new Charge.Whole(
        List.of(entries),
        /* wantReceipt= */ false,
        keyed ? new Charge.Idempotency(key(tag, "") + "!idempotency:once", "print") : null);
  }

  /** A third has no key. Of the others, each second is asked the Cluster too, in time or not. */
  @Test
  void eachCounter_isChargedOnce_whereverItLies() {
    start(3, false);
    try (Settler settler = Settler.with(store(), listener, OnCluster::nowMicros)) {
      RuleFallback fallback =
          new RuleFallback(OnCluster::nowMicros, () -> 1, /* onOverload= */ false, settler);
      for (int tag = 0; tag < COUNTERS; tag++) {
        Charge charge = question(tag, tag % 3 > 0, new Charge.Entry(key(tag, "x"), PLENTY, 2));
        assertNotNull(fallback.answer(charge, away));
        if (tag % 3 == 1) {
          assertTrue(ask(charge).admitted());
        }
      }
      Await.until(() -> settler.debts() == 0);
      for (int tag = 0; tag < COUNTERS; tag++) {
        assertEquals(2, used(key(tag, "x"), PLENTY), key(tag, "x"));
      }
      assertEquals(Map.of(), unsettled);
    }
  }

  /** Each slot has a record of its own: none tells whether the question was asked elsewhere. */
  @Test
  void aQuestionUnderAKey_overSeveralSlots_staysInDoubt_andOneWithoutIsCharged() {
    start(3, false);
    try (Settler settler = Settler.with(store(), listener, OnCluster::nowMicros)) {
      RuleFallback fallback =
          new RuleFallback(OnCluster::nowMicros, () -> 1, /* onOverload= */ false, settler);
      for (boolean keyed : new boolean[] {true, false}) {
        Charge charge =
            question(
                1,
                keyed,
                new Charge.Entry(key(1, "x"), PLENTY, 2),
                new Charge.Entry(key(2, "x"), PLENTY, 3));
        assertNotNull(fallback.answer(charge, away));
      }
      Await.until(() -> settler.debts() == 0);
      assertEquals(2, used(key(1, "x"), PLENTY));
      assertEquals(3, used(key(2, "x"), PLENTY));
      assertEquals(Map.of(DebtListener.Unsettled.IN_DOUBT, 5L), unsettled);
    }
  }
}
