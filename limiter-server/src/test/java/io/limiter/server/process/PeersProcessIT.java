package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.UInt64Value;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.Receipt;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes of the service that cache denials for a minute: what one gives back, the other
 * admits, in less than half of that. So nothing but a message can have ended the denial.
 */
class PeersProcessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(25);
  private static final int RESETS = 100;
  private static final String RULES =
      """
      domain: peers
      rules:
        - { name: one, key: [user], algorithm: fixed-window, limit: 1, window: 366d }
      """;
  private static final String DESCRIPTORS =
      """
      domain: mesh
      descriptors:
        - key: user
          rate_limit: { unit: year, requests_per_unit: 1 }
      """;

  @TempDir private static Path rules = Path.of("");
  private static TestRedis redis;
  private static RedisClient redisClient;
  private static StatefulRedisConnection<String, String> admin;
  private static ServerProcess first;
  private static ServerProcess second;
  private static LimiterClient atFirst;
  private static LimiterClient atSecond;

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(rules.resolve("peers.yaml"), RULES);
    Files.writeString(rules.resolve("mesh.yaml"), DESCRIPTORS);
    redis = TestRedis.ownProcess();
    redisClient = RedisClient.create(redis.uri());
    admin = redisClient.connect();
    first = server(redis.uri());
    second = server(redis.uri());
    atFirst = client(first);
    atSecond = client(second);
    Await.until(() -> subscribed(first) && subscribed(second));
  }

  private static ServerProcess server(String uri) {
    return ServerProcess.serve("--redis", uri, "--rules", rules.toString(), "--deny-cache", "1m");
  }

  private static LimiterClient client(ServerProcess server) {
    return LimiterClient.to(server.grpc()).deadline(PATIENCE).build();
  }

  @AfterAll
  static void stop() {
    atFirst.close();
    atSecond.close();
    first.close();
    second.close();
    admin.close();
    redisClient.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    redis.close();
  }

  private static boolean subscribed(ServerProcess server) {
    return server.get("/metrics").contains("limiter_redis_subscribed 1.0\n");
  }

  private static CheckRequest of(String user) {
    return CheckRequest.in("peers").attribute("user", user);
  }

  /** Has a server cache a denial. */
  private static void denied(LimiterClient client, String user) {
    assertFalse(client.check(of(user)).allowed());
    assertEquals("DENY_CACHE", client.check(of(user)).source().name());
  }

  private static Receipt charged(LimiterClient client, String user) {
    return ((Decision.Admitted) client.check(of(user).receipt())).receipt().orElseThrow();
  }

  private static int reset(LimiterClient client, String user) {
    return client.reset("peers", Map.of("user", user), "one");
  }

  @Test
  void aResetElsewhere_endsADenialHere_withinMilliseconds() {
    long[] micros = new long[RESETS];
    for (int i = 0; i < RESETS; i++) {
      String user = "reset-" + i;
      charged(atSecond, user);
      denied(atFirst, user);
      assertEquals(1, reset(atSecond, user));
      long answered = System.nanoTime();
      Await.until(() -> atFirst.check(of(user)).allowed());
      micros[i] = (System.nanoTime() - answered) / 1_000;
    }
    Arrays.sort(micros);
    System.out.printf(
        "from the answer to a reset to an admission elsewhere, %d times: p50 %d us, p99 %d us%n",
        RESETS, micros[RESETS / 2], micros[RESETS * 99 / 100]);
    assertTrue(
        first
            .get("/metrics")
            .lines()
            .anyMatch(line -> line.matches("limiter_peer_notices_total [0-9]{2,}.*")));
  }

  @Test
  void aRefundElsewhere_endsADenialHere() {
    Receipt receipt = charged(atSecond, "refunded");
    denied(atFirst, "refunded");
    assertTrue(atSecond.refund(receipt));
    Await.until(() -> atFirst.check(of("refunded")).allowed());
  }

  @Test
  void aRefundHere_isSeenByEveryQuestionAfterIt() {
    Receipt receipt = charged(atFirst, "own");
    denied(atFirst, "own");
    assertTrue(atFirst.refund(receipt));
    assertTrue(atFirst.check(of("own")).allowed());
  }

  @Test
  void hitsThatAreGivenBackElsewhere_endADenialHere() {
    ManagedChannel here = NettyChannelBuilder.forTarget(first.grpc()).usePlaintext().build();
    ManagedChannel there = NettyChannelBuilder.forTarget(second.grpc()).usePlaintext().build();
    try {
      assertEquals(RateLimitResponse.Code.OK, hit(there, false));
      assertEquals(RateLimitResponse.Code.OVER_LIMIT, hit(here, false));
      assertEquals(RateLimitResponse.Code.OVER_LIMIT, hit(here, false));
      assertEquals(RateLimitResponse.Code.OK, hit(there, true));
      Await.until(() -> hit(here, false) == RateLimitResponse.Code.OK);
    } finally {
      here.shutdownNow();
      there.shutdownNow();
    }
  }

  private static RateLimitResponse.Code hit(ManagedChannel channel, boolean negative) {
    return RateLimitServiceGrpc.newBlockingStub(channel)
        .shouldRateLimit(
            RateLimitRequest.newBuilder()
                .setDomain("mesh")
                .addDescriptors(
                    RateLimitDescriptor.newBuilder()
                        .addEntries(
                            RateLimitDescriptor.Entry.newBuilder().setKey("user").setValue("a"))
                        .setHitsAddend(UInt64Value.of(1))
                        .setIsNegativeHits(negative))
                .build())
        .getOverallCode();
  }

  /** What was given back while nobody listened is unknown. */
  @Test
  void aSubscriptionThatBroke_isMadeAgain_andEndsWhatWasCached() {
    charged(atFirst, "cut");
    denied(atFirst, "cut");
    admin.sync().clientKill(KillArgs.Builder.typePubsub());
    Await.until(() -> atFirst.check(of("cut")).source().name().equals("REDIS"));
    Await.until(() -> subscribed(first) && subscribed(second));
    assertTrue(first.log().contains("Not hearing of other instances' resets"), first::log);

    denied(atFirst, "cut");
    reset(atSecond, "cut");
    Await.until(() -> atFirst.check(of("cut")).allowed());
  }

  @Test
  void aUserWhoMayNotUseTheChannel_refundsAllTheSame_andIsToldWhatToGrant() {
    acl("on", ">pw", "~limiter:*", "resetchannels", "+@all", "-info");
    String uri = "redis://u:pw@127.0.0.1:" + URI.create(redis.uri()).getPort();
    try (ServerProcess other = server(uri);
        LimiterClient atOther = client(other)) {
      Await.until(() -> other.log().contains("Not hearing of other instances' resets"));
      assertTrue(other.log().contains("; grant what docs/operation.md lists; trying again"));
      String ready = other.get("/readyz");
      assertTrue(ready.startsWith("ready\n"), ready);
      assertTrue(
          ready.contains("\nok   redis: resets and refunds of other instances are not heard"));
      Await.until(() -> other.get("/readyz").contains("refuses INFO"));
      String metrics = other.get("/metrics");
      assertTrue(metrics.contains("limiter_redis_subscribed 0.0\n"));
      assertTrue(metrics.contains("limiter_redis_advice{about=\"unseen\"} 1.0\n"));

      Receipt receipt = charged(atOther, "deaf");
      denied(atOther, "deaf");
      assertTrue(atOther.refund(receipt));
      assertTrue(atOther.check(of("deaf")).allowed());
      assertEquals(1, reset(atOther, "deaf"));
      assertTrue(atOther.check(of("deaf")).allowed());
      denied(atOther, "deaf");
      reset(atFirst, "deaf");
      assertEquals("DENY_CACHE", atOther.check(of("deaf")).source().name());

      acl("&limiter:*");
      Await.until(() -> subscribed(other));
      Await.until(() -> atOther.check(of("deaf")).allowed());
      denied(atOther, "deaf");
      reset(atFirst, "deaf");
      Await.until(() -> atOther.check(of("deaf")).allowed());
    }
  }

  private static void acl(String... user) {
    CommandArgs<String, String> args =
        new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add("u").addValues(List.of(user));
    admin.sync().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), args);
  }
}
