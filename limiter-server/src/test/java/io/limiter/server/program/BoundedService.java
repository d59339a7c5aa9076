package io.limiter.server.program;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.limiter.server.access.Tokens;
import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RateLimiterGrpc.RateLimiterBlockingStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A service with a Redis of its own, and two callers: {@code greedy}, who has bounds that may be
 * changed, and {@code modest}, who has none.
 */
final class BoundedService implements AutoCloseable {
  private final Path folder;
  private final TestRedis redis = TestRedis.own();
  private final ConcurrentLinkedQueue<ManagedChannel> channels = new ConcurrentLinkedQueue<>();
  private final String greedy = Tokens.hash("secret");
  private final String modest = Tokens.hash("secret");
  private final String mark = Tokens.hash("secret");
  private final Service service;
  private final RateLimiterBlockingStub marker;
  private int generation;

  /**
   * Starts.
   *
   * @param bounds of greedy, such as {@code streams: 3}
   */
  BoundedService(Path folder, String rules, String bounds) throws IOException {
    this(folder, List.of(new RuleFiles.Source("shop.yaml", rules)), bounds);
  }

  /** The same by several files of rules. */
  BoundedService(Path folder, List<RuleFiles.Source> rules, String bounds) throws IOException {
    this.folder = folder;
    write(bounds);
    Path secrets = Files.writeString(folder.resolve("secrets"), "s".repeat(40) + "\n");
    service =
        Service.start(
            SampleService.with(
                SampleService.settings(Optional.of(redis.uri()), Duration.ZERO),
                new AccessFiles(folder.resolve("access.yaml"), secrets)),
            LiveRules.fixed(RuleFiles.load(rules), Clock.systemUTC()),
            "the test's");
    marker = stub(channel(), "marker");
  }

  private void write(String bounds) throws IOException {
    generation++;
    String all = "check, inline-rules, settle, refund, reset, explain, observe";
    Path whole =
        Files.writeString(
            folder.resolve("new.yaml"),
            """
            callers:
              - name: greedy
                tokens: ["%s"]
                grants: [{ methods: [%s], domains: [shop] }]
                bounds: { %s }
              - name: modest
                tokens: ["%s"]
                grants: [{ methods: [%s], domains: [shop] }]
              - name: marker
                tokens: ["%s"]
                grants: [{ methods: [check], domains: [generation-%d] }]
            anonymous:
              grants: [{ methods: [check], domains: [shop] }]
            """
                .formatted(greedy, all, bounds, modest, all, mark, generation));
    Files.move(
        whole,
        folder.resolve("access.yaml"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  /** Gives greedy other bounds, and returns when they are in force. */
  void rebound(String bounds) throws IOException {
    write(bounds);
    CheckAndConsumeRequest question =
        CheckAndConsumeRequest.newBuilder().setDomain("generation-" + generation).build();
    while (true) {
      try {
        var unused = marker.checkAndConsume(question);
        return;
      } catch (StatusRuntimeException notYet) {
        if (Thread.currentThread().isInterrupted()) {
          throw new IllegalStateException("the bounds do not come into force", notYet);
        }
      }
    }
  }

  int grpcPort() {
    return service.grpcPort();
  }

  int httpPort() {
    return service.httpPort();
  }

  /** A connection of its own. */
  ManagedChannel channel() {
    return channel(service.grpcPort());
  }

  /** The same to another port, that of a relay. */
  ManagedChannel channel(int port) {
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create()).build();
    channels.add(channel);
    return channel;
  }

  /** Asks as a caller. */
  static RateLimiterBlockingStub stub(ManagedChannel channel, String caller) {
    return RateLimiterGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token(caller)));
  }

  /** What shows a caller. */
  static Metadata token(String caller) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("x-limiter-token", Metadata.ASCII_STRING_MARSHALLER), caller + ".secret");
    return headers;
  }

  static CheckAndConsumeRequest question(String user) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("shop")
        .setRequestId("1")
        .putAttributes("user", user)
        .build();
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    service.close();
    redis.close();
  }
}
