package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingCounter;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Charges;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.LeaseSource;
import io.limiter.server.store.StoreException;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Redis refuses inside a script, which each version says in words of its own. */
class DeniedIT {
  private static final long HOUR = 3_600_000_000L;

  private static Limit limit(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW -> FixedWindow.per(HOUR, 5);
      case SLIDING_LOG -> new SlidingLog(5, HOUR);
      case SLIDING_COUNTER -> new SlidingCounter(5, HOUR);
      case TOKEN_BUCKET -> TokenBucket.of(5, HOUR, 5);
      case LEAKY_BUCKET -> LeakyBucket.of(5, HOUR, 5);
      case CONCURRENCY -> new ConcurrencyLimit(5, HOUR);
    };
  }

  private static void user(StoreOnRedis admin, String... rules) {
    CommandArgs<byte[], byte[]> set =
        new CommandArgs<>(ByteArrayCodec.INSTANCE).add("SETUSER").add("u");
    for (String rule : rules) {
      set.add(rule);
    }
    admin.redis().dispatch(CommandType.ACL, new StatusOutput<>(ByteArrayCodec.INSTANCE), set);
  }

  private static RedisCounterStore as(TestRedis redis) {
    RedisCounterStore store =
        RedisCounterStore.connect(
            Patient.settings("redis://u:pw@127.0.0.1:" + URI.create(redis.uri()).getPort()),
            StoreListener.NONE);
    StoreOnRedis.await(store::connected);
    return store;
  }

  private static void assertDenied(RedisCounterStore store, CompletionStage<?> stage) {
    StoreException denied = StoreOnRedis.failure(stage);
    assertEquals(StoreException.Kind.NO_PERMISSION, denied.kind(), denied::getMessage);
    assertTrue(
        denied.getMessage().endsWith("; grant what docs/operation.md lists"), denied::getMessage);
    assertFalse(denied.getMessage().contains("delete"), denied::getMessage);
    assertFalse(denied.getMessage().contains("@user_script"), denied::getMessage);
    assertTrue(store.connected());
    assertTrue(store.state().contains(denied.getMessage()), store::state);
  }

  @ParameterizedTest
  @EnumSource
  void aUserWhoMayNotRead_isDeniedPermission_andTheCounterIsKept(Algorithm algorithm) {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis admin = new StoreOnRedis(own)) {
      admin.decide("k", limit(algorithm), 2);
      Map<String, String> before = admin.dump();
      user(admin, "on", ">pw", "~*", "+@all", "-get", "-lrange");
      try (RedisCounterStore store = as(own)) {
        Charge one = StoreOnRedis.charge("k", limit(algorithm), 1);
        assertDenied(store, store.decide(one));
        Charge several =
            Charges.of(
                List.of(
                    new Charge.Entry("k", limit(algorithm), 1),
                    new Charge.Entry("other", limit(algorithm), 1)),
                List.of(),
                true,
                new Charge.Idempotency("idempotency", "print"));
        assertDenied(store, store.decide(several));
        if (algorithm == Algorithm.TOKEN_BUCKET || algorithm == Algorithm.FIXED_WINDOW) {
          assertDenied(store, store.prefetch("k", limit(algorithm), 1));
        }
        assertDenied(store, store.refund(new Receipt(0, 1, 2)));
        assertEquals(before, admin.dump());
        user(admin, "+get", "+lrange");
        assertTrue(
            assertInstanceOf(Answer.Decided.class, StoreOnRedis.join(store.decide(one)))
                .admitted());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aUserWhoMayNotWrite_isDeniedPermission(Algorithm algorithm) {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis admin = new StoreOnRedis(own)) {
      user(admin, "on", ">pw", "~*", "+@all", "-set", "-rpush");
      try (RedisCounterStore store = as(own)) {
        assertDenied(store, store.decide(StoreOnRedis.charge("k", limit(algorithm), 1)));
        // Nothing is ever settled of what was held without the counter: so nothing is refused.
        assertEquals(
            algorithm == Algorithm.CONCURRENCY ? DebtTarget.Fate.SETTLED : DebtTarget.Fate.REFUSED,
            settle(store, "k", limit(algorithm)));
        assertEquals(Map.of(), admin.dump());
      }
    }
  }

  /** The first call may charge nothing: it learns the time of Redis. */
  private static DebtTarget.Fate settle(RedisCounterStore store, String key, Limit limit) {
    List<Debt> debts = List.of(new Debt(key, limit, List.of(new Debt.Part(1, System.nanoTime()))));
    DebtTarget.Fate first = StoreOnRedis.join(store.settle(debts)).get(0).fate();
    return first == DebtTarget.Fate.AGAIN
        ? StoreOnRedis.join(store.settle(debts)).get(0).fate()
        : first;
  }

  @ParameterizedTest
  @ValueSource(strings = {"time", "evalsha", "eval"})
  void aUserWhoMayNotRunTheScript_isDeniedPermission(String command) {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis admin = new StoreOnRedis(own)) {
      user(admin, "on", ">pw", "~*", "+@all", "-" + command);
      try (RedisCounterStore store = as(own)) {
        assertDenied(
            store, store.decide(StoreOnRedis.charge("k", limit(Algorithm.TOKEN_BUCKET), 1)));
      }
    }
  }

  @Test
  void aUserWhoMayNotUseTheKeys_isDeniedPermission() {
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis admin = new StoreOnRedis(own)) {
      user(admin, "on", ">pw", "~else:*", "+@all");
      try (RedisCounterStore store = as(own)) {
        assertDenied(
            store, store.decide(StoreOnRedis.charge("k", limit(Algorithm.TOKEN_BUCKET), 1)));
      }
    }
  }

  /** The user of docs/operation.md can do all that the service does. */
  @Test
  void theUserThatTheManualGrants_isDeniedNothing() throws IOException {
    Matcher granted =
        Pattern.compile("ACL SETUSER limiter on >PASSWORD (.*)")
            .matcher(Files.readString(Path.of("../docs/operation.md")));
    assertTrue(granted.find());
    try (TestRedis own = TestRedis.ownProcess();
        StoreOnRedis admin = new StoreOnRedis(own)) {
      user(admin, ("on >pw " + granted.group(1)).split(" "));
      try (RedisCounterStore store = as(own)) {
        StoreOnRedis.join(store.loadScripts());
        for (Algorithm algorithm : Algorithm.values()) {
          everything(store, "limiter:{" + algorithm.letter() + "}", limit(algorithm));
        }
        String state = store.state();
        assertTrue(state.endsWith(" is connected"), state);
      }
    }
  }

  /** Also what no test comes to: a script is refused only when it does what it may not. */
  @Test
  void theUserThatTheManualGrants_mayRunEveryCommandOfTheScripts() throws IOException {
    String manual = Files.readString(Path.of("../docs/operation.md"));
    String granted = manual.substring(manual.indexOf("ACL SETUSER limiter on"));
    Set<String> allowed = Set.of(granted.substring(0, granted.indexOf('\n')).split(" "));
    Set<String> missing = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("../lua-scripts/src/main/java"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".lua")).toList()) {
        Pattern.compile("call\\(\\s*'([A-Z]+)'")
            .matcher(Files.readString(file))
            .results()
            .map(command -> "+" + command.group(1).toLowerCase(Locale.ROOT))
            .filter(command -> !allowed.contains(command))
            .forEach(missing::add);
      }
    }
    assertEquals(Set.of(), missing);
  }

  private static void everything(RedisCounterStore store, String key, Limit limit) {
    assertEquals(DebtTarget.Fate.SETTLED, settle(store, key + "owed", limit));
    Charge charge =
        Charges.of(
            List.of(new Charge.Entry(key, limit, 1)),
            List.of(new Charge.Entry(key + "shadow", limit, 1)),
            true,
            new Charge.Idempotency(key + "!idempotency", "print"));
    for (int i = 0; i < 3; i++) {
      StoreOnRedis.join(store.decide(StoreOnRedis.charge(key, limit, 1)));
    }
    StoreOnRedis.join(store.decide(StoreOnRedis.charge(key, limit, 3)));
    Answer.Decided decided =
        assertInstanceOf(Answer.Decided.class, StoreOnRedis.join(store.decide(charge)));
    assertTrue(decided.admitted());
    assertTrue(StoreOnRedis.join(store.refund(Objects.requireNonNull(decided.receipt()))));
    StoreOnRedis.join(store.decide(StoreOnRedis.charge(key, limit, -1)));
    Algorithm algorithm = limit.algorithm();
    if (algorithm == Algorithm.TOKEN_BUCKET || algorithm == Algorithm.FIXED_WINDOW) {
      LeaseSource.Prefetched drawn = StoreOnRedis.join(store.prefetch(key, limit, 1));
      assertEquals(1, drawn.tokens());
      StoreOnRedis.join(
          store.returnUnused(
              List.of(
                  new LeaseSource.Unused(
                      key, algorithm, 1, drawn.windowEndMicros(), drawn.nowMicros() + HOUR))));
    }
    StoreOnRedis.join(store.reset(List.of(key)));
  }
}
