package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.stub.ClientCalls;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What reaches standard error while the outside does its worst: lines are counted there. */
class LogFloodIT {
  private static final int FLOOD = 5_000;

  /** Well above what {@code LogLimit} lets through for one cause, far below the flood. */
  private static final int MOST_LINES = 60;

  private static final int MOST_BYTES = 40_000;
  private static final long SEED = 20_261_127;

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private Service service;

  @BeforeEach
  void start() throws IOException {
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    Logs.configure(false);
    service = SampleService.start("redis://127.0.0.1:1");
    written.reset();
  }

  @AfterEach
  void stop() {
    service.close();
    context.getTurboFilterList().forEach(TurboFilter::stop);
    context.resetTurboFilterList();
    System.setErr(before);
  }

  private void assertFewLines() {
    String log = written.toString(StandardCharsets.UTF_8);
    long lines = log.lines().count();
    assertTrue(lines <= MOST_LINES, () -> lines + " lines:\n" + log);
    assertTrue(log.length() <= MOST_BYTES, () -> log.length() + " characters:\n" + log);
    assertFalse(log.contains("\tat "), () -> "stacks:\n" + log);
  }

  /** Sends what it is given, whatever the type of the message. */
  private record Raw() implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream message) {
      return new byte[0];
    }
  }

  private static MethodDescriptor<byte[], byte[]> raw(MethodDescriptor<?, ?> method) {
    return MethodDescriptor.newBuilder(new Raw(), new Raw())
        .setFullMethodName(method.getFullMethodName())
        .setType(MethodDescriptor.MethodType.UNARY)
        .build();
  }

  @Test
  void unreadableMessages_toAnyService_areRefused_andWriteNothing() throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", service.grpcPort()).usePlaintext().build();
    try {
      for (MethodDescriptor<?, ?> method :
          List.of(
              HealthGrpc.getCheckMethod(),
              HealthGrpc.getWatchMethod(),
              ServerReflectionGrpc.getServerReflectionInfoMethod(),
              RateLimiterGrpc.getCheckAndConsumeMethod(),
              RateLimiterGrpc.getCheckAndConsumeStreamMethod())) {
        MethodDescriptor<byte[], byte[]> raw = raw(method);
        for (int i = 0; i < FLOOD / 5; i++) {
          assertEquals(Status.Code.INVALID_ARGUMENT, refusal(channel, raw), raw::toString);
        }
      }
    } finally {
      channel.shutdownNow();
    }
    String log = written.toString(StandardCharsets.UTF_8);
    assertEquals(
        List.of(),
        log.lines().filter(line -> !line.contains(" WARN  RedisConnections: ")).toList());
  }

  private static Status.Code refusal(
      ManagedChannel channel, MethodDescriptor<byte[], byte[]> method) {
    try {
      ClientCalls.blockingUnaryCall(
          channel,
          method,
          CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
          new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF});
      return Status.Code.OK;
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode();
    }
  }

  @Test
  void messagesThatAreTooLarge_writeFewLines() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", service.grpcPort()).usePlaintext().build();
    CheckAndConsumeRequest large =
        CheckAndConsumeRequest.newBuilder()
            .setDomain("d")
            .setRequestId("x".repeat(1_100_000))
            .build();
    try {
      for (int i = 0; i < 200; i++) {
        try {
          RateLimiterGrpc.newBlockingStub(channel)
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .checkAndConsume(large);
        } catch (StatusRuntimeException refused) {
          // As it should.
        }
      }
    } finally {
      channel.shutdownNow();
    }
    assertFewLines();
  }

  /** Nothing, a half of TLS's hello, HTTP/1, HTTP/2's preface and garbage, and noise. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void garbageOnThePorts_writesFewLines(int kind) throws IOException {
    Random random = new Random(SEED + kind);
    for (int port : new int[] {service.grpcPort(), service.httpPort()}) {
      for (int i = 0; i < 500; i++) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
          // A reset instead of an end, as from a client that is killed.
          socket.setSoLinger(true, 0);
          socket.getOutputStream().write(garbage(kind, random));
          if (i % 2 == 0) {
            socket.shutdownOutput();
            socket.setSoTimeout(20_000);
            socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
          }
        } catch (IOException cut) {
          // As it should.
        }
      }
    }
    assertFewLines();
  }

  private static byte[] garbage(int kind, Random random) {
    byte[] noise = new byte[random.nextInt(2_000)];
    random.nextBytes(noise);
    return switch (kind) {
      case 0 -> new byte[0];
      case 1 -> new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xFC, 3, 3};
      case 2 ->
          "GET /%00%zz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII);
      case 3 -> {
        byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] both = java.util.Arrays.copyOf(preface, preface.length + noise.length);
        System.arraycopy(noise, 0, both, preface.length, noise.length);
        yield both;
      }
      default -> noise;
    };
  }

  @Test
  void questionsWithoutRedis_writeOneLineOfTheirKind() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", service.grpcPort()).usePlaintext().build();
    try {
      for (int i = 0; i < FLOOD; i++) {
        CheckAndConsumeResponse answer =
            RateLimiterGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .checkAndConsume(
                    CheckAndConsumeRequest.newBuilder()
                        .setDomain("demo")
                        .putAttributes("user", "u" + i)
                        .build());
        assertEquals(Source.LOCAL_FALLBACK, answer.getSource());
      }
    } finally {
      channel.shutdownNow();
    }
    String log = written.toString(StandardCharsets.UTF_8);
    assertTrue(
        log.contains(
            "WARN  RuleFallback: Redis does not decide, each rule's on-redis-failure does:"
                + " redis://127.0.0.1:1 is not connected: "),
        log);
    assertFewLines();
  }

  private static boolean isConnected(Service service) {
    return service.readiness().parts().stream()
        .anyMatch(part -> part.name().equals("redis") && part.says().contains(" is connected"));
  }

  @Test
  void connectionsToRedisThatAreKilled_writeFewLines_andAreMadeAgain() throws Exception {
    try (TestRedis redis = TestRedis.ownProcess();
        Service counting = SampleService.start(redis.uri())) {
      io.lettuce.core.RedisClient client = io.lettuce.core.RedisClient.create(redis.uri());
      try (var admin = client.connect()) {
        written.reset();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (System.nanoTime() - end < 0) {
          admin.sync().clientKill(io.lettuce.core.KillArgs.Builder.typeNormal().skipme());
        }
        assertFewLines();
        while (!isConnected(counting)) {
          java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
      } finally {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
      }
    }
  }
}
