package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Levels;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.TenantShare;
import io.limiter.server.store.redis.Patient;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.share.ShareTerms;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.RuleStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A pool that tenants share, as two instances tell of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SharesIT {
  private static final int LIMIT = 1_000;

  private final String pool = UUID.randomUUID().toString();
  private RedisCounterStore[] stores;
  private Service[] services;
  private int asked;

  @BeforeAll
  void start() throws Exception {
    TenantShare tenths = new TenantShare(List.of("user"), new ShareTerms(1_000, 1, true));
    Rule rule =
        new Rule(
            "pool",
            List.of("pool"),
            TokenBucket.of(LIMIT, Rules.YEAR_MICROS, LIMIT),
            Rule.Mode.ENFORCE,
            "",
            Keying.PLAIN,
            new Rule.Sharing(
                FailureMode.LOCAL,
                null,
                0,
                /* learns= */ false,
                Levels.NONE,
                /* holding= */ null,
                tenths,
                /* estimate= */ 0));
    Rule slots =
        new Rule(
            "slots",
            List.of("pool", "slot"),
            new ConcurrencyLimit(2, Rules.YEAR_MICROS),
            Rule.Mode.ENFORCE,
            "",
            Keying.PLAIN,
            FailureMode.LOCAL);
    Rule money =
        new Rule(
            "money",
            List.of("money"),
            TokenBucket.of(LIMIT * Tariff.MILLIONTHS, Rules.YEAR_MICROS, LIMIT * Tariff.MILLIONTHS),
            Rule.Mode.ENFORCE,
            new Tariff("usd", Map.of("tokens", 2_500_000L)),
            Keying.PLAIN,
            rule.sharing());
    stores = new RedisCounterStore[2];
    services = new Service[2];
    for (int i = 0; i < 2; i++) {
      stores[i] =
          RedisCounterStore.connect(Patient.settings(TestRedis.shared().uri()), StoreListener.NONE);
      Await.until(stores[i]::connected);
      services[i] = Service.over(stores[i], rule, slots, money);
    }
  }

  @AfterAll
  void stop() {
    for (int i = 0; i < 2; i++) {
      services[i].close();
      stores[i].close();
    }
  }

  private CheckAndConsumeRequest.Builder question(String name, String tenant) {
    return Messages.question(tenant).toBuilder().putAttributes("pool", pool + name);
  }

  private CheckAndConsumeResponse ask(CheckAndConsumeRequest.Builder question) {
    return services[asked++ % 2].ask().checkAndConsume(question.build());
  }

  private int admitted(String name, String tenant) {
    int admitted = 0;
    while (ask(question(name, tenant)).getAllowed()) {
      admitted++;
    }
    return admitted;
  }

  private int reset(String name) {
    return services[0]
        .ask()
        .reset(
            ResetRequest.newBuilder()
                .setDomain("edge")
                .putAttributes("pool", pool + name)
                .putAttributes("user", "any")
                .build())
        .getCountersReset();
  }

  @Test
  void aTenantAlone_hasAllOfThePool_andAfterAResetAgain() {
    assertEquals(LIMIT, admitted("alone", "a"));
    assertEquals(0, admitted("alone", "b"));
    assertEquals(1, reset("alone"), "who is active is no counter");
    assertEquals(0, reset("alone"));
    assertEquals(LIMIT, admitted("alone", "b"));
  }

  /** Half of its guarantee at once, and an eighth of the pool for those who are behind. */
  @Test
  void whatActiveTenantsMayTake_isLeftForThem() {
    CheckAndConsumeResponse first = ask(question("two", "b"));
    assertEquals(LIMIT, first.getStatuses(0).getLimit());
    assertEquals(LIMIT - 1, first.getStatuses(0).getRemaining());
    assertEquals(LIMIT - 1 - 50 - 125, admitted("two", "a"));
    assertEquals(125, ask(question("two", "b").setCost(0)).getStatuses(0).getRemaining());
    assertEquals(125, admitted("two", "b"));
    CheckAndConsumeResponse denied = ask(question("two", "c"));
    assertFalse(denied.getAllowed());
    assertEquals(0, denied.getStatuses(0).getRemaining());
    assertTrue(denied.getRetryAfter().getSeconds() > 3_600, denied::toString);
  }

  @Test
  void aRefund_goesBackToItsTenant() {
    ask(question("back", "b"));
    admitted("back", "a");
    CheckAndConsumeResponse taken = ask(question("back", "b").setCost(40).setWantReceipt(true));
    assertTrue(taken.getAllowed());
    long before = ask(question("back", "b").setCost(0)).getStatuses(0).getRemaining();
    services[1].ask().refund(RefundRequest.newBuilder().setReceipt(taken.getReceipt()).build());
    assertEquals(before + 40, ask(question("back", "b").setCost(0)).getStatuses(0).getRemaining());
    assertEquals(0, admitted("back", "a"));
  }

  @Test
  void allKeysOfAPool_lieInOneSlot_andDie() {
    for (String tenant : List.of("a", "b", "c:d")) {
      assertTrue(ask(question("keys", tenant)).getAllowed());
    }
    RedisClient client = RedisClient.create(TestRedis.shared().uri());
    try {
      RedisCommands<String, String> redis = client.connect().sync();
      List<String> keys = redis.keys("limiter:{edge|*" + pool + "keys*");
      assertEquals(5, keys.size(), keys::toString);
      Set<String> tags =
          keys.stream().map(key -> key.substring(0, key.indexOf('}'))).collect(Collectors.toSet());
      assertEquals(1, tags.size(), tags::toString);
      for (String key : keys) {
        assertTrue(redis.pttl(key) > 0, key);
      }
    } finally {
      client.close();
    }
  }

  @Test
  void anIdempotencyKey_goesWithIt() {
    CheckAndConsumeRequest.Builder once =
        question("once", "a").setIdempotencyKey(UUID.randomUUID().toString()).setCost(10);
    assertEquals(ask(once).getStatuses(0).getRemaining(), ask(once).getStatuses(0).getRemaining());
    assertEquals(LIMIT - 11, ask(question("once", "a")).getStatuses(0).getRemaining());
  }

  @Test
  void whatIsHeldBesideAPool_isHeldOfTheOtherCounterOnly() {
    CheckAndConsumeResponse held = ask(question("held", "a").putAttributes("slot", "1").setCost(2));
    assertEquals(List.of(LIMIT - 2L, 0L), remaining(held));
    CheckAndConsumeResponse denied = ask(question("held", "a").putAttributes("slot", "1"));
    assertFalse(denied.getAllowed());
    assertEquals(List.of(LIMIT - 2L, 0L), remaining(denied));
    services[1].ask().release(ReleaseRequest.newBuilder().setReceipt(held.getReceipt()).build());
    CheckAndConsumeResponse look = ask(question("held", "a").putAttributes("slot", "1").setCost(0));
    assertEquals(List.of(LIMIT - 2L, 2L), remaining(look));
  }

  private static List<Long> remaining(CheckAndConsumeResponse response) {
    return response.getStatusesList().stream().map(RuleStatus::getRemaining).toList();
  }

  @Test
  void ofAlternatives_theFirstPoolWithRoomForItsTenantIsCharged() {
    ask(question("first", "b"));
    admitted("first", "a");
    CheckAnyRequest either =
        CheckAnyRequest.newBuilder()
            .addAlternatives(question("first", "a"))
            .addAlternatives(question("second", "a"))
            .build();
    CheckAnyResponse chosen = services[asked++ % 2].ask().checkAny(either);
    assertEquals(1, chosen.getChosen());
    assertEquals(LIMIT - 1, chosen.getResponse().getStatuses(0).getRemaining());
    CheckAnyRequest ofB =
        CheckAnyRequest.newBuilder()
            .addAlternatives(question("first", "b"))
            .addAlternatives(question("second", "b"))
            .build();
    assertEquals(0, services[asked++ % 2].ask().checkAny(ofB).getChosen());
  }

  /** A token is 2.5 dollars. Half of a guarantee of 100 is left for each active tenant. */
  @Test
  void aWeightedSum_isSharedInWholeUnits() {
    assertTrue(ask(tokens("b", 1)).getAllowed());
    CheckAndConsumeResponse large = ask(tokens("a", 320));
    assertTrue(large.getAllowed());
    assertEquals(LIMIT, large.getStatuses(0).getLimit());
    assertEquals(LIMIT - 3 - 800 - 50 - 125, large.getStatuses(0).getRemaining());
    assertFalse(ask(tokens("a", 10)).getAllowed());
    assertTrue(ask(tokens("b", 19)).getAllowed());
  }

  private CheckAndConsumeRequest.Builder tokens(String tenant, long count) {
    return Messages.question(tenant).toBuilder()
        .putAttributes("money", pool)
        .putUnitCosts("tokens", count);
  }
}
