package io.limiter.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The commands against a real service over a real Redis. */
class CommandsIT {
  private static final Pattern RECEIPT = Pattern.compile("(?m)^receipt ([0-9a-f]{36})$");

  private static final Pattern HELD = Pattern.compile("(?m)^receipt (c1[0-9a-f]+)$");

  private static RedisCounterStore store;
  private static GrpcServer server;

  private final String user = "user=" + UUID.randomUUID();

  @BeforeAll
  static void start() throws IOException {
    LoadedRules loaded =
        RuleFiles.load(
            List.of(
                new RuleFiles.Source(
                    "shop.yaml",
                    """
                    domain: shop
                    rules:
                      - { name: per-user, key: [user], algorithm: token-bucket, rate: 3/300d }
                      - name: at-once
                        key: [job]
                        algorithm: concurrency
                        limit: 5
                        hold: 300d
                      - name: held-tokens
                        key: [job]
                        unit: tokens
                        algorithm: token-bucket
                        rate: 100/300d
                        hold: 300d
                      - name: tokens
                        key: [user]
                        unit: tokens
                        algorithm: token-bucket
                        rate: 10/300d
                    """)));
    RedisSettings settings = RedisSettings.of(TestRedis.shared().uri(), Duration.ofSeconds(30));
    store = RedisCounterStore.connect(settings, StoreListener.NONE);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!store.connected() && System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
    Limiter limiter = new Limiter(loaded::table, store, DecisionListener.NONE);
    server =
        GrpcServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new RateLimiterApi(limiter, RequestLimits.DEFAULTS),
            new EnvoyApi(limiter, EnvoySettings.DEFAULTS));
  }

  @AfterAll
  static void stop() {
    server.shutdown(Duration.ZERO);
    store.close();
  }

  private static CommandRun run(String command, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of(command, "--target", "127.0.0.1:" + server.port(), "--deadline", "30s"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private CommandRun ofUser(String command, String... more) {
    return run(
        command,
        Stream.concat(Stream.of("--domain", "shop", user), Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void aLook_chargesNothing_andSaysWhatARequestWouldGet() {
    for (int i = 0; i < 5; i++) {
      CommandRun look = ofUser("peek");
      assertEquals(0, look.exitCode(), look::err);
      assertTrue(look.out().startsWith("a request would be admitted\n"), look::out);
      assertTrue(look.out().contains("  per-user  would admit, 3 of 3 requests left\n"), look::out);
    }
    assertEquals(0, ofUser("check", "--cost", "3").exitCode());
    CommandRun empty = ofUser("peek");
    assertTrue(empty.out().startsWith("a request would be denied now\n"), empty::out);
    assertEquals(1, empty.exitCode());
    assertEquals(1, ofUser("check", "--cost", "0").exitCode());
    assertEquals(1, ofUser("check").exitCode());
  }

  @Test
  void aLook_saysOfAnyCostWhatACheckThenDoes() {
    assertEquals(0, ofUser("check", "--unit-cost", "tokens=6").exitCode());
    assertEquals(1, ofUser("peek", "--unit-cost", "tokens=5").exitCode());
    assertEquals(1, ofUser("check", "--unit-cost", "tokens=5").exitCode());
    assertEquals(0, ofUser("peek", "--unit-cost", "tokens=4").exitCode());
    assertEquals(0, ofUser("check", "--unit-cost", "tokens=4").exitCode());
  }

  @Test
  void aReceipt_givesBackOnce_inHexAndInTheBase64OfJson() {
    String receipt = receipt();
    assertTrue(ofUser("peek").out().contains("0 of 3 requests left"));
    CommandRun refund = run("refund", receipt);
    assertEquals("given back\n", refund.out());
    assertEquals(0, refund.exitCode());
    CommandRun again = run("refund", receipt);
    assertEquals(
        "not given back: it was given back before, or nothing of it counts any more\n",
        again.out());
    assertEquals(1, again.exitCode());
    assertTrue(ofUser("peek").out().contains("3 of 3 requests left"));
    byte[] bytes = HexFormat.of().parseHex(receipt());
    assertEquals(0, run("refund", Base64.getEncoder().encodeToString(bytes)).exitCode());
  }

  @Test
  void aHold_isExtended_settledOnce_andReleasedOnce() {
    String job = user.replace("user=", "job=");
    CommandRun check =
        run("check", "--domain", "shop", "--hold", "240h", "--unit-cost", "tokens=60", job);
    assertEquals(0, check.exitCode(), check::toString);
    assertTrue(check.out().contains("4 of 5 requests left, 1 held"), check::out);
    assertTrue(check.out().contains("40 of 100 tokens left, 60 held"), check::out);
    String receipt = held(check);
    CommandRun more = run("extend", "--hold", "480h", "--unit-cost", "tokens=41", receipt);
    assertTrue(
        more.out().startsWith("not renewed: there is no room for so much more\n"), more::out);
    assertEquals(1, more.exitCode());
    CommandRun renewed = run("extend", "--hold", "480h", "--unit-cost", "tokens=40", receipt);
    assertTrue(renewed.out().startsWith("renewed\n"), renewed::toString);
    assertEquals(0, renewed.exitCode());
    CommandRun settled = run("settle", "--unit-cost", "tokens=130", receipt);
    assertTrue(settled.out().startsWith("settled\n"), settled::toString);
    assertTrue(settled.out().contains("0 of 100 tokens left, 30 owed"), settled::out);
    assertEquals(0, settled.exitCode());
    CommandRun again = run("settle", receipt);
    assertTrue(
        again.out().startsWith("not settled: it was settled or released before"), again::out);
    assertEquals(1, again.exitCode());
    CommandRun none = run("extend", "--hold", "24h", receipt);
    assertTrue(none.out().startsWith("not renewed: it was settled or released before"), none::out);
    assertEquals(1, none.exitCode());
  }

  @Test
  void aHold_isReleasedOnce_alsoByBase64() {
    String job = user.replace("user=", "job=");
    String receipt = held(run("check", "--domain", "shop", "--hold", "240h", job));
    String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(receipt));
    CommandRun released = run("release", base64);
    assertEquals("released\n", released.out());
    assertEquals(0, released.exitCode());
    CommandRun again = run("release", receipt);
    assertEquals("not released: it was settled or released before\n", again.out());
    assertEquals(1, again.exitCode());
    assertEquals(2, run("settle", "000102030405060708090a0b0c0d0e0f1011").exitCode());
  }

  private static String held(CommandRun check) {
    Matcher receipt = HELD.matcher(check.out());
    assertTrue(receipt.find(), check::toString);
    return receipt.group(1);
  }

  private String receipt() {
    CommandRun check = ofUser("check", "--receipt", "--cost", "3");
    Matcher receipt = RECEIPT.matcher(check.out());
    assertTrue(receipt.find(), check::toString);
    return receipt.group(1);
  }

  @Test
  void aReset_forgetsTheCounters_andSaysHowMany() {
    ofUser("check", "--cost", "3", "--unit-cost", "tokens=1");
    CommandRun one = ofUser("reset", "--rule", "per-user");
    assertEquals("1 counter reset\n", one.out());
    assertEquals(0, one.exitCode());
    ofUser("check");
    CommandRun both = ofUser("reset");
    assertEquals("2 counters reset\n", both.out());
    CommandRun none = ofUser("reset");
    assertEquals("0 counters reset\n", none.out());
    assertEquals(1, none.exitCode());
    CommandRun misspelt = ofUser("reset", "--rule", "peruser");
    assertTrue(
        misspelt.err().contains("rules[0] \"peruser\" is no rule of domain \"shop\""),
        misspelt::err);
    assertEquals(2, misspelt.exitCode());
  }

  @Test
  void aMisspeltDomain_isNamedWithTheOneThatIsMeant() {
    String unknown =
        "domain \"shpo\" is unknown to 127.0.0.1:%d; did you mean shop?%n".formatted(server.port());
    CommandRun check = run("check", "--domain", "shpo", "user=alice");
    assertEquals("limiter: admitted unchecked: " + unknown, check.err());
    assertEquals(2, check.exitCode());
    CommandRun reset = run("reset", "--domain", "shpo", "user=alice");
    assertEquals("limiter: nothing reset: " + unknown, reset.err());
    assertEquals(2, reset.exitCode());
    CommandRun explain = run("explain", "--domain", "shpo", "user=alice");
    assertEquals("domain shpo is unknown: it has no rules; did you mean shop?\n", explain.out());
    assertEquals(2, explain.exitCode());
  }

  @Test
  void noRuleThatApplies_isNoUnknownDomain() {
    CommandRun check = run("check", "--domain", "shop", "visitor=alice");
    assertEquals("admitted: no rule applies\n", check.out());
    assertEquals(0, check.exitCode());
    assertEquals(
        "a request would be admitted: no rule applies\n",
        run("peek", "--domain", "shop", "visitor=alice").out());
  }
}
