package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.testing.RawHttp2;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that send what no client should, to a process with little memory. It ends by itself when
 * it runs out of that. Meanwhile another client asks on and on: each of its questions is decided.
 */
class HostileClientsIT {
  private static final long SEED = Long.getLong("limiter.test.seed", 20_261_127L);

  /** Random requests; a million of them by {@code -Dlimiter.test.hostile=1000000}. */
  private static final int REQUESTS = Integer.getInteger("limiter.test.hostile", 2_000);

  private static final String CHECK = "/limiter.v1.RateLimiter/CheckAndConsume";
  private static final String BATCH = "/limiter.v1.RateLimiter/CheckAndConsumeBatch";
  private static final String STREAM = "/limiter.v1.RateLimiter/CheckAndConsumeStream";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LOG = 200_000;

  /** Batches that nobody could keep the answers of. */
  private static final int MORE_THAN_MAY_BE = 3_000;

  @TempDir static Path rules;
  private static final List<RawHttp2> attackers = new ArrayList<>();
  private static final AtomicBoolean over = new AtomicBoolean();

  /** How many questions of the honest client were decided. */
  private static final AtomicInteger decided = new AtomicInteger();

  private static ServerProcess server;
  private static LimiterClient client;
  private static ManagedChannel channel;
  private static CompletableFuture<Void> honest;

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(
        rules.resolve("edge.yaml"),
        """
        domain: edge
        rules:
          - { name: per-user, key: [user], algorithm: token-bucket, rate: 1000000/s, burst: 1000000 }
          - { name: per-path, key: [path], algorithm: fixed-window, limit: 1000000, window: 1s }
        """);
    server =
        ServerProcess.by(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-jar",
                Path.of("target", "limiter-server.jar").toString()),
            java.util.Map.of(),
            "--redis",
            TestRedis.shared().uri(),
            "--rules",
            rules.toString(),
            "--decision-deadline-max",
            "30s");
    client = LimiterClient.to(server.grpc()).deadline(PATIENCE).build();
    channel = NettyChannelBuilder.forTarget(server.grpc()).usePlaintext().build();
    honest = CompletableFuture.runAsync(HostileClientsIT::askOnAndOn);
  }

  /** The process ends in good order, and has said little. */
  @AfterAll
  static void stop() throws Exception {
    over.set(true);
    try {
      honest.get(1, TimeUnit.MINUTES);
      assertEquals(143, server.stop(), server::log);
      assertTrue(server.log().length() < LOG, server::log);
    } finally {
      client.close();
      channel.shutdownNow();
      server.close();
    }
  }

  @AfterEach
  void hangUp() throws IOException {
    for (RawHttp2 attacker : attackers) {
      attacker.close();
    }
    attackers.clear();
  }

  private static void askOnAndOn() {
    while (!over.get()) {
      Decision decision = client.check(CheckRequest.in("edge").attribute("user", "honest"));
      assertTrue(decision instanceof Decision.Admitted, decision::toString);
      decided.incrementAndGet();
    }
  }

  /** While the attackers are still there, the honest client is answered, and so is a probe. */
  private static void everybodyElseIsServed() throws Exception {
    HttpResponse<String> alive =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://" + server.http() + "/livez"))
                    .timeout(PATIENCE)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(200, alive.statusCode());
    int before = decided.get();
    while (decided.get() < before + 2) {
      assertFalse(honest.isDone(), () -> String.valueOf(honest));
      Thread.onSpinWait();
    }
  }

  private interface Attack {
    void on(RawHttp2 connection) throws IOException;
  }

  /** It stays open to the end. A connection that is cut meanwhile has done what it could. */
  private static void attack(String method, Attack attack) {
    try {
      RawHttp2 connection = new RawHttp2(server.grpc(), method);
      attackers.add(connection);
      attack.on(connection);
      connection.flush();
    } catch (IOException cut) {
      // As it should be.
    }
  }

  @Test
  void callsThatAreOpenedAndReset_orNeverEnd_harmNobodyElse() throws Exception {
    for (int i = 0; i < 3; i++) {
      attack(
          CHECK,
          connection -> {
            for (int call = 0; call < 100_000; call++) {
              connection.open();
            }
          });
    }
    attack(
        CHECK,
        connection -> {
          for (int i = 0; i < 50_000; i++) {
            connection.reset(connection.open());
          }
        });
    byte[] message = new byte[1 << 20];
    for (int i = 0; i < 4; i++) {
      attack(
          CHECK,
          connection -> {
            for (int call = 0; call < 60; call++) {
              connection.message(connection.open(), message, message.length - 1);
            }
          });
    }
    everybodyElseIsServed();
  }

  @Test
  void clientsThatNeverRead_harmNobodyElse() throws Exception {
    CheckAndConsumeBatchRequest.Builder batch = CheckAndConsumeBatchRequest.newBuilder();
    for (int i = 0; i < 500; i++) {
      batch.addRequests(question("slow" + i).setRequestId("r"));
    }
    byte[] large = batch.build().toByteArray();
    byte[] small = question("slow").setRequestId("r").build().toByteArray();
    attack(
        BATCH,
        connection -> {
          for (int i = 0; i < 100; i++) {
            connection.message(connection.open(), large, large.length);
            connection.flush();
          }
        });
    attack(
        STREAM,
        connection -> {
          for (int i = 0; i < 300; i++) {
            connection.message(connection.open(), small, small.length);
          }
        });
    attack(
        CHECK,
        connection -> {
          for (int i = 0; i < 20_000; i++) {
            connection.message(connection.open(), small, small.length);
          }
        });
    everybodyElseIsServed();
  }

  /** Of eight MiB for all, one connection has four; it asks for more than its socket holds. */
  @Test
  void whoeverLeavesTooMuchUnread_isCut_andTheLogSaysWhy() throws Exception {
    CheckAndConsumeBatchRequest.Builder batch = CheckAndConsumeBatchRequest.newBuilder();
    for (int i = 0; i < 500; i++) {
      batch.addRequests(question("unread" + i).setRequestId("r".repeat(64)));
    }
    byte[] large = batch.build().toByteArray();
    AtomicInteger asked = new AtomicInteger();
    attack(
        BATCH,
        connection -> {
          while (asked.incrementAndGet() < MORE_THAN_MAY_BE) {
            connection.message(connection.open(), large, large.length);
            connection.flush();
          }
        });
    assertTrue(asked.get() < MORE_THAN_MAY_BE, server::log);
    assertTrue(server.log().contains("was cut: it holds"), server::log);
    everybodyElseIsServed();
  }

  @Test
  void randomBytes_andMoreConnectionsThanMayBe_harmNobodyElse() throws Exception {
    Random random = new Random(SEED);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[1 + random.nextInt(4_000)];
      random.nextBytes(bytes);
      attack(CHECK, connection -> connection.raw(bytes));
    }
    for (int i = 0; i < 400; i++) {
      attack(CHECK, RawHttp2::open);
    }
    everybodyElseIsServed();
  }

  @Test
  void randomRequests_areDecidedOrRefused_andHarmNobodyElse() throws Exception {
    RateLimiterGrpc.RateLimiterBlockingStub stub = RateLimiterGrpc.newBlockingStub(channel);
    Random random = new Random(SEED);
    List<Status.Code> clear =
        List.of(
            Status.Code.INVALID_ARGUMENT,
            Status.Code.RESOURCE_EXHAUSTED,
            Status.Code.DEADLINE_EXCEEDED);
    for (int i = 0; i < REQUESTS; i++) {
      try {
        var unused =
            stub.withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .checkAndConsume(random(random, i));
      } catch (StatusRuntimeException refused) {
        assertTrue(clear.contains(refused.getStatus().getCode()), refused::toString);
      }
    }
    everybodyElseIsServed();
  }

  private static CheckAndConsumeRequest.Builder question(String user) {
    return CheckAndConsumeRequest.newBuilder().setDomain("edge").putAttributes("user", user);
  }

  /** Every one about another key; one in a hundred is a giant. */
  private static CheckAndConsumeRequest random(Random random, int number) {
    CheckAndConsumeRequest.Builder request = question("u" + number);
    request.setCost(random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(5));
    int attributes = random.nextInt(100) == 0 ? 5_000 : random.nextInt(80);
    for (int i = 0; i < attributes; i++) {
      byte[] value = new byte[random.nextInt(100)];
      random.nextBytes(value);
      request.putAttributes("a" + i, new String(value, StandardCharsets.ISO_8859_1));
    }
    if (random.nextInt(4) == 0) {
      request.setIdempotencyKey("k" + random.nextInt(50)).setWantReceipt(random.nextBoolean());
    }
    return request.build();
  }
}
