package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.limiter.server.access.Access;
import io.limiter.server.access.AccessListener;
import io.limiter.server.access.AccessTable;
import io.limiter.server.access.CallerLimits;
import io.limiter.server.access.Grant;
import io.limiter.server.access.IssuerKeys;
import io.limiter.server.access.KnownCaller;
import io.limiter.server.access.Method;
import io.limiter.server.access.Seal;
import io.limiter.server.access.Tokens;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.Limiter;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.fair.Caller;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.server.grpc.GrpcConnections;
import io.limiter.server.grpc.GrpcServer;
import io.limiter.server.http.HttpServer;
import io.limiter.server.http.Readiness;
import io.limiter.server.metrics.Metrics;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RateLimiterGrpc.RateLimiterBlockingStub;
import io.limiter.v1.RateLimiterGrpc.RateLimiterStub;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All that a caller with a name asks has one turn in the queue, whatever it asks on. */
@Timeout(60)
class CallerNumbersTest {
  private static final int LARGE = 500;
  private static final String RULES =
      """
      domain: shop
      rules:
        - { name: r, key: [user], algorithm: fixed-window, limit: 1000000, window: 1h }
      """;

  private final Queue<Integer> numbers = new ConcurrentLinkedQueue<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final LiveRules rules =
      LiveRules.fixed(
          RuleFiles.load(List.of(new RuleFiles.Source("shop.yaml", RULES))), Clock.systemUTC());
  private final Metrics metrics = new Metrics(rules, "1.2.3");
  private Access access;
  private GrpcServer grpc;
  private HttpServer http;

  private static KnownCaller caller(String name) {
    return new KnownCaller(
        name,
        List.of(),
        name.isEmpty() ? List.of() : List.of(Tokens.hash("secret")),
        List.of(),
        Set.of(),
        List.of(new Grant(Set.of(Method.CHECK), List.of("*"))),
        CallerLimits.NONE);
  }

  @BeforeEach
  void start() throws Exception {
    access =
        new Access(
            new AccessTable(List.of(caller("one"), caller("two"), caller("")), List.of()),
            IssuerKeys.NONE,
            new Seal(List.of("s".repeat(32).getBytes(StandardCharsets.US_ASCII))),
            AccessListener.NONE,
            System::currentTimeMillis,
            System::nanoTime);
    Limiter limiter =
        new Limiter(
            rules,
            new ForwardingCounterStore(LocalCounters.now()) {
              @Override
              public CompletionStage<Answer> decide(Charge charge) {
                Caller asks = GrpcServer.currentCaller();
                numbers.add((asks == Caller.NOBODY ? HttpServer.currentCaller() : asks).number());
                return super.decide(charge);
              }
            },
            DecisionListener.NONE);
    RateLimiterApi api = new RateLimiterApi(limiter, RequestLimits.DEFAULTS);
    EnvoyApi envoy = new EnvoyApi(limiter, EnvoySettings.DEFAULTS);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    grpc =
        GrpcServer.start(
            any, GrpcConnections.DEFAULTS, Optional.empty(), Optional.of(access), api, envoy);
    http =
        HttpServer.start(
            any,
            Optional.empty(),
            Optional.of(access),
            metrics,
            () -> new Readiness(List.of()),
            rules::state);
    http.serve(api, envoy, new GatewayApi(rules, limiter));
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    grpc.shutdown(Duration.ZERO);
    http.stop(Duration.ZERO);
    access.close();
    metrics.close();
  }

  private ManagedChannel channel() {
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + grpc.port(), InsecureChannelCredentials.create())
            .build();
    channels.add(channel);
    return channel;
  }

  private static Metadata headers(String caller) {
    Metadata headers = new Metadata();
    if (!caller.isEmpty()) {
      headers.put(
          Metadata.Key.of("x-limiter-token", Metadata.ASCII_STRING_MARSHALLER), caller + ".secret");
    }
    return headers;
  }

  private static CheckAndConsumeRequest question() {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("shop")
        .setRequestId("1")
        .putAttributes("user", "a")
        .build();
  }

  /** By which numbers a caller asks: two connections of either protocol, in every form. */
  private Set<Integer> asked(String caller) throws Exception {
    numbers.clear();
    for (int i = 0; i < 2; i++) {
      ManagedChannel channel = channel();
      RateLimiterBlockingStub stub =
          RateLimiterGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(caller)));
      stub.checkAndConsume(question());
      CheckAndConsumeBatchRequest.Builder batch = CheckAndConsumeBatchRequest.newBuilder();
      for (int entry = 0; entry < LARGE; entry++) {
        batch.addRequests(question());
      }
      stub.checkAndConsumeBatch(batch.build());
      stream(
          RateLimiterGrpc.newStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(caller))));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + "/v1/check"))
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"domain\":\"shop\",\"attributes\":{\"user\":\"a\"}}"));
      if (!caller.isEmpty()) {
        request.header("X-Limiter-Token", caller + ".secret");
      }
      assertEquals(
          200,
          HttpClient.newHttpClient()
              .send(request.build(), HttpResponse.BodyHandlers.ofString())
              .statusCode());
    }
    assertEquals(2 * (LARGE + 3), numbers.size());
    return new HashSet<>(numbers);
  }

  private static void stream(RateLimiterStub stub) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    StreamObserver<CheckAndConsumeRequest> asking =
        stub.checkAndConsumeStream(
            new StreamObserver<>() {
              @Override
              public void onNext(CheckAndConsumeResponse answer) {}

              @Override
              public void onError(Throwable failure) {
                ended.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                ended.complete(null);
              }
            });
    asking.onNext(question());
    asking.onCompleted();
    ended.join();
  }

  @Test
  void aCallerWithAName_isOne_andWhoeverElseIsItsConnection() throws Exception {
    Set<Integer> one = asked("one");
    Set<Integer> two = asked("two");
    Set<Integer> others = asked("");
    assertEquals(1, one.size(), one::toString);
    assertEquals(1, two.size(), two::toString);
    assertEquals(4, others.size(), others::toString);
    assertTrue(one.iterator().next() >= Caller.NAMED);
    assertTrue(two.iterator().next() > one.iterator().next());
    assertTrue(others.stream().allMatch(number -> number < Caller.NAMED));
  }
}
