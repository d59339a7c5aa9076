package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.limiter.server.access.Tokens;
import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.testing.TestRedis;
import io.limiter.v1.Algorithm;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.InlineRule;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RateLimiterGrpc.RateLimiterBlockingStub;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one caller asks, opens and brings takes nothing from another. */
@Timeout(120)
class CallerBoundsIT {
  private static final int QUESTIONS = 20;
  private static final int COUNTERS = 50;
  private static final int LIMIT = 10;

  /** What one counter of a fixed window takes in Redis at most, with its key, in bytes. */
  private static final long COUNTER_BYTES = 512;

  private static final String RULES =
      """
      domain: shop
      rules:
        - { name: r, key: [user], algorithm: fixed-window, limit: %d, window: 1h }
      """
          .formatted(LIMIT);

  @TempDir Path folder;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final TestRedis redis = TestRedis.own();
  private Service service;

  @BeforeEach
  void start() throws IOException {
    Path access =
        Files.writeString(
            folder.resolve("access.yaml"),
            """
            callers:
              - name: greedy
                tokens: ["%s"]
                grants: [{ methods: [check, inline-rules], domains: [shop] }]
                bounds: { questions: %d/s, connections: 2, inline-counters: %d }
              - name: modest
                tokens: ["%s"]
                grants: [{ methods: [check, inline-rules], domains: [shop] }]
                bounds: { inline-counters: %d }
            """
                .formatted(
                    Tokens.hash("secret"), QUESTIONS, COUNTERS, Tokens.hash("secret"), COUNTERS));
    Path secrets = Files.writeString(folder.resolve("secrets"), "s".repeat(40) + "\n");
    ServiceSettings settings =
        SampleService.settings(Optional.of(redis.uri()), java.time.Duration.ZERO);
    service =
        Service.start(
            SampleService.with(settings, new AccessFiles(access, secrets)),
            LiveRules.fixed(
                RuleFiles.load(List.of(new RuleFiles.Source("shop.yaml", RULES))),
                Clock.systemUTC()),
            "the test's");
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    service.close();
    redis.close();
  }

  private ManagedChannel channel() {
    ManagedChannel channel =
        Grpc.newChannelBuilder(
                "127.0.0.1:" + service.grpcPort(), InsecureChannelCredentials.create())
            .build();
    channels.add(channel);
    return channel;
  }

  private static RateLimiterBlockingStub stub(ManagedChannel channel, String caller) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("x-limiter-token", Metadata.ASCII_STRING_MARSHALLER), caller + ".secret");
    return RateLimiterGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static CheckAndConsumeRequest question(String user) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("shop")
        .putAttributes("user", user)
        .build();
  }

  @Test
  void whoAsksTenTimesTooMuch_isRefused_andNobodyElseIs() {
    RateLimiterBlockingStub greedy = stub(channel(), "greedy");
    RateLimiterBlockingStub modest = stub(channel(), "modest");
    int refused = 0;
    List<Boolean> answers = new ArrayList<>();
    for (int i = 0; i < 10 * QUESTIONS; i++) {
      try {
        assertTrue(greedy.checkAndConsume(question(UUID.randomUUID().toString())).getAllowed());
      } catch (StatusRuntimeException tooMuch) {
        refused++;
        assertExhausted(tooMuch, "asks more than its 20 questions a second");
      }
      if (i % 10 == 0) {
        answers.add(modest.checkAndConsume(question("modest")).getAllowed());
      }
    }
    assertTrue(refused > 0);
    List<Boolean> expected = new ArrayList<>();
    for (int i = 0; i < QUESTIONS; i++) {
      expected.add(i < LIMIT);
    }
    assertEquals(expected, answers);
  }

  private static void assertExhausted(StatusRuntimeException refused, String why) {
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
    String told = String.valueOf(refused.getStatus().getDescription());
    assertTrue(told.contains(why), told);
    assertTrue(
        StatusProto.fromThrowable(refused).getDetailsList().stream()
            .anyMatch(detail -> detail.is(RetryInfo.class)),
        refused::toString);
  }

  @Test
  void moreConnectionsThanACallerMayHave_areRefused_untilOneCloses() throws Exception {
    ManagedChannel first = channel();
    stub(first, "greedy").checkAndConsume(question("a"));
    try (Socket second = new Socket(InetAddress.getLoopbackAddress(), service.httpPort())) {
      assertEquals(200, ask(second));
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> stub(channel(), "greedy").checkAndConsume(question("b")));
      assertExhausted(refused, "caller greedy has 2 connections to this instance");
      try (Socket third = new Socket(InetAddress.getLoopbackAddress(), service.httpPort())) {
        assertEquals(503, ask(third));
      }
      // Those that it has are as good as before, and so are another's.
      assertEquals(200, ask(second));
      stub(first, "greedy").checkAndConsume(question("c"));
      for (int i = 0; i < 5; i++) {
        stub(channel(), "modest").checkAndConsume(question("d"));
      }
    }
    first.shutdownNow();
    await(() -> stub(channel(), "greedy").checkAndConsume(question("e")));
    await(() -> stub(channel(), "greedy").checkAndConsume(question("f")));
  }

  /** Until a connection that was closed is known to be. Questions are too many meanwhile, too. */
  private static void await(Runnable call) {
    while (true) {
      try {
        call.run();
        return;
      } catch (StatusRuntimeException refused) {
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
      }
    }
  }

  private static int ask(Socket connection) throws IOException {
    String body = "{\"domain\":\"shop\",\"attributes\":{\"user\":\"a\"}}";
    connection
        .getOutputStream()
        .write(
            ("POST /v1/check HTTP/1.1\r\nHost: a\r\nX-Limiter-Token: greedy.secret\r\n"
                    + "Content-Type: application/json\r\nContent-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.US_ASCII));
    InputStream in = connection.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    int length =
        Integer.parseInt(head.toString().replaceFirst("(?is).*content-length: (\\d+).*", "$1"));
    in.readNBytes(length);
    return Integer.parseInt(head.substring(9, 12));
  }

  @Test
  void countersOfOwnRules_areBoundedForEachCaller() {
    RateLimiterBlockingStub greedy = stub(channel(), "greedy");
    RateLimiterBlockingStub modest = stub(channel(), "modest");
    int taken = 0;
    StatusRuntimeException last = null;
    for (int i = 0; i < 3 * COUNTERS; i++) {
      try {
        greedy.checkAndConsume(inline("greedy" + i));
        taken++;
      } catch (StatusRuntimeException refused) {
        if (String.valueOf(refused.getStatus().getDescription()).contains("questions a second")) {
          i--;
        } else {
          last = refused;
        }
      }
    }
    assertEquals(COUNTERS, taken);
    assertExhausted(
        java.util.Objects.requireNonNull(last),
        "rules that caller greedy brought have 50 counters");
    long bytes = bytesOfKeysWith("greedy");
    assertTrue(bytes > 0 && bytes <= COUNTERS * COUNTER_BYTES, () -> bytes + " bytes");
    System.out.println("counters of one caller: " + bytes + " bytes in Redis");
    for (int i = 0; i < COUNTERS; i++) {
      assertTrue(modest.checkAndConsume(inline("modest" + i)).getAllowed());
    }
    assertFalse(bytesOfKeysWith("modest") == 0);
  }

  private static CheckAndConsumeRequest inline(String user) {
    return question(user).toBuilder()
        .addInlineRules(
            InlineRule.newBuilder()
                .setName("own")
                .addKey("user")
                .setAlgorithm(Algorithm.FIXED_WINDOW)
                .setLimit(5)
                .setWindow(Duration.newBuilder().setSeconds(3_600)))
        .build();
  }

  private long bytesOfKeysWith(String text) {
    RedisClient client = RedisClient.create(redis.uri());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      return connection.sync().keys("*" + text + "*").stream()
          .mapToLong(key -> connection.sync().memoryUsage(key))
          .sum();
    } finally {
      client.shutdown();
    }
  }
}
