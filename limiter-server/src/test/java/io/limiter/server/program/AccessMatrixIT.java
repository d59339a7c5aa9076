package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.access.Tokens;
import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.SettleRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every method of every protocol, asked with no credential, a wrong one, one that is over, one of
 * another domain, one without the grant, and the right one. A method that is not here, or is not
 * refused, fails the build.
 */
class AccessMatrixIT {
  private static final String RULES =
      """
      domain: shop
      rules:
        - { name: r, key: [user], algorithm: fixed-window, limit: 1000, window: 1h, hold: 1m,
            learn: true }
      """;
  private static final String PROFILES =
      """
      authorize:
        edge: { domain: shop, attributes: { user: { header: x-user } } }
      """;
  private static final String EVERYTHING =
      "check, settle, refund, reset, explain, observe, inline-rules, metrics, rules";

  @TempDir static Path folder;
  private static final Tokens issuer = new Tokens("k1");
  private static Service service;
  private static ManagedChannel channel;
  private static final HttpClient http = HttpClient.newHttpClient();

  /** What is shown, and what comes of it. */
  private enum Shows {
    NOTHING(""),
    WRONG("shop-team.not-the-secret"),
    OF_NOBODY("nobody.secret"),
    OVER(""),
    OTHER_DOMAIN("others.secret"),
    NO_GRANT("idle.secret"),
    RIGHT("shop-team.secret");

    private final String token;

    Shows(String token) {
      this.token = token;
    }

    String token() {
      return this == OVER ? issuer.of("shop-team", Instant.now().minusSeconds(3_600)) : token;
    }

    Status.Code grpc() {
      return switch (this) {
        case NOTHING, WRONG, OF_NOBODY, OVER -> Status.Code.UNAUTHENTICATED;
        case OTHER_DOMAIN, NO_GRANT -> Status.Code.PERMISSION_DENIED;
        case RIGHT -> Status.Code.OK;
      };
    }

    int http() {
      return switch (grpc()) {
        case UNAUTHENTICATED -> 401;
        case PERMISSION_DENIED -> 403;
        default -> 200;
      };
    }
  }

  @BeforeAll
  static void start() throws IOException {
    Path access = Files.writeString(folder.resolve("access.yaml"), access());
    Path secrets = Files.writeString(folder.resolve("secrets"), "s".repeat(40) + "\n");
    Files.writeString(folder.resolve("jwks.json"), issuer.jwks());
    ServiceSettings settings =
        SampleService.settings(Optional.of(TestRedis.shared().uri()), java.time.Duration.ZERO);
    service =
        Service.start(
            SampleService.with(settings, new AccessFiles(access, secrets)),
            LiveRules.fixed(
                RuleFiles.load(
                    List.of(
                        new RuleFiles.Source("shop.yaml", RULES),
                        new RuleFiles.Source("edge.yaml", PROFILES))),
                Clock.systemUTC()),
            "the test's");
    channel =
        Grpc.newChannelBuilder(
                "127.0.0.1:" + service.grpcPort(), InsecureChannelCredentials.create())
            .build();
  }

  private static String access() {
    return """
        issuers:
          - { name: corp, issuer: "%s", audience: limiter, keys: jwks.json }
        callers:
          - name: shop-team
            tokens: ["%s"]
            jwt: [{ issuer: corp, subject: shop-team }]
            grants: [{ methods: [%s], domains: [shop] }]
          - name: others
            tokens: ["%s"]
            grants: [{ methods: [check, settle, refund, reset, explain, observe, inline-rules],
                domains: [elsewhere, "shop-*"] }]
          - name: idle
            tokens: ["%s"]
            grants: []
        """
        .formatted(
            Tokens.ISSUER,
            Tokens.hash("secret"),
            EVERYTHING,
            Tokens.hash("secret"),
            Tokens.hash("secret"));
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    service.close();
  }

  private static CheckAndConsumeRequest.Builder question() {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("shop")
        .setRequestId("1")
        .putAttributes("user", UUID.randomUUID().toString());
  }

  /** A receipt of the right caller. */
  private static ByteString receipt(boolean hold) {
    CheckAndConsumeRequest.Builder asked = question().setWantReceipt(true);
    if (hold) {
      asked.setHold(Duration.newBuilder().setSeconds(60));
    }
    CheckAndConsumeResponse answer =
        RateLimiterGrpc.newBlockingStub(channel)
            .withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(headers(Shows.RIGHT.token())))
            .checkAndConsume(asked.build());
    assertTrue(answer.getAllowed());
    return answer.getReceipt();
  }

  /** A good request for each method, by its name. */
  private static Map<String, Message> requests() {
    Map<String, Message> all = new LinkedHashMap<>();
    all.put("CheckAndConsume", question().build());
    all.put(
        "CheckAndConsumeBatch",
        CheckAndConsumeBatchRequest.newBuilder().addRequests(question()).build());
    all.put("CheckAndConsumeStream", question().build());
    all.put("CheckAny", CheckAnyRequest.newBuilder().addAlternatives(question()).build());
    all.put("Refund", RefundRequest.newBuilder().setReceipt(receipt(false)).build());
    all.put("Settle", SettleRequest.newBuilder().setReceipt(receipt(true)).build());
    all.put("Release", ReleaseRequest.newBuilder().setReceipt(receipt(true)).build());
    all.put(
        "Extend",
        ExtendRequest.newBuilder()
            .setReceipt(receipt(true))
            .setHold(Duration.newBuilder().setSeconds(60))
            .build());
    all.put(
        "Reset", ResetRequest.newBuilder().setDomain("shop").putAttributes("user", "a").build());
    all.put(
        "Observe",
        ObserveRequest.newBuilder()
            .setDomain("shop")
            .putAttributes("user", "of the upstream")
            .setBlockedFor(Duration.newBuilder().setSeconds(1))
            .build());
    all.put(
        "Explain",
        ExplainRequest.newBuilder().setDomain("shop").putAttributes("user", "a").build());
    all.put("ShouldRateLimit", RateLimitRequest.newBuilder().setDomain("shop").build());
    return all;
  }

  private static Metadata headers(String token) {
    Metadata headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    }
    return headers;
  }

  @TestFactory
  Stream<DynamicTest> everyMethodOfGrpc_isRefusedToAllButWhoMay() {
    return Stream.of(
            RateLimiterGrpc.getServiceDescriptor(), RateLimitServiceGrpc.getServiceDescriptor())
        .map(ServiceDescriptor::getMethods)
        .flatMap(methods -> methods.stream())
        .flatMap(
            method ->
                Stream.of(Shows.values())
                    .map(
                        shows ->
                            DynamicTest.dynamicTest(
                                method.getBareMethodName() + " " + shows,
                                () -> assertGrpc(method, shows))));
  }

  private static void assertGrpc(MethodDescriptor<?, ?> method, Shows shows) {
    Message request = requests().get(method.getBareMethodName());
    assertTrue(
        request != null,
        () -> method.getFullMethodName() + " is new: say here what a good request for it is");
    Status.Code expected = shows.grpc();
    boolean byReceipt =
        List.of("Refund", "Settle", "Release", "Extend").contains(method.getBareMethodName());
    if (byReceipt && shows == Shows.OTHER_DOMAIN) {
      // It may do that with receipts of its own. This one is none of them.
      expected = Status.Code.INVALID_ARGUMENT;
    }
    if (method.getBareMethodName().equals("ShouldRateLimit") && shows == Shows.RIGHT) {
      // Envoy asks domains of descriptors; that this one is not, only who may ask it hears.
      expected = Status.Code.INVALID_ARGUMENT;
    }
    assertEquals(expected, called(method, request, shows.token()));
  }

  @SuppressWarnings("unchecked")
  private static Status.Code called(MethodDescriptor<?, ?> method, Message request, String token) {
    MethodDescriptor<Message, Message> typed = (MethodDescriptor<Message, Message>) method;
    var withToken =
        io.grpc.ClientInterceptors.intercept(
            channel, MetadataUtils.newAttachHeadersInterceptor(headers(token)));
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(20, java.util.concurrent.TimeUnit.SECONDS);
    try {
      if (method.getType() == MethodDescriptor.MethodType.UNARY) {
        Message answer = ClientCalls.blockingUnaryCall(withToken, typed, options, request);
        return answer instanceof CheckAndConsumeBatchResponse batch
            ? code(batch.getResponses(0))
            : Status.Code.OK;
      }
      List<Message> answers = new ArrayList<>();
      RateLimiterGrpc.RateLimiterStub stub = RateLimiterGrpc.newStub(withToken);
      java.util.concurrent.CompletableFuture<Status.Code> ended =
          new java.util.concurrent.CompletableFuture<>();
      var asking =
          stub.checkAndConsumeStream(
              new io.grpc.stub.StreamObserver<>() {
                @Override
                public void onNext(CheckAndConsumeResponse answer) {
                  answers.add(answer);
                }

                @Override
                public void onError(Throwable failure) {
                  ended.complete(Status.fromThrowable(failure).getCode());
                }

                @Override
                public void onCompleted() {
                  ended.complete(code((CheckAndConsumeResponse) answers.get(0)));
                }
              });
      asking.onNext((CheckAndConsumeRequest) request);
      asking.onCompleted();
      return ended.join();
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode();
    }
  }

  private static Status.Code code(CheckAndConsumeResponse answer) {
    return Status.fromCodeValue(answer.getError().getCode()).getCode();
  }

  /** What is served, each with a good body; without one it is got. */
  private static Map<String, String> paths() throws IOException {
    Map<String, Message> requests = requests();
    Map<String, String> all = new LinkedHashMap<>();
    all.put("/v1/check", json(requests, "CheckAndConsume"));
    all.put("/v1/check/batch", json(requests, "CheckAndConsumeBatch"));
    all.put("/v1/check/any", json(requests, "CheckAny"));
    all.put("/v1/refund", json(requests, "Refund"));
    all.put("/v1/settle", json(requests, "Settle"));
    all.put("/v1/release", json(requests, "Release"));
    all.put("/v1/extend", json(requests, "Extend"));
    all.put("/v1/reset", json(requests, "Reset"));
    all.put("/v1/observe", json(requests, "Observe"));
    all.put("/v1/explain", json(requests, "Explain"));
    all.put("/json", json(requests, "ShouldRateLimit"));
    all.put("/v1/authorize/edge", "");
    all.put("/metrics", "");
    all.put("/rules", "");
    return all;
  }

  private static String json(Map<String, Message> requests, String method) throws IOException {
    return JsonFormat.printer().print(Objects.requireNonNull(requests.get(method)));
  }

  @TestFactory
  Stream<DynamicTest> everyPathOfHttp_isRefusedToAllButWhoMay() throws IOException {
    return paths().keySet().stream()
        .flatMap(
            path ->
                Stream.of(Shows.values())
                    .map(
                        shows ->
                            DynamicTest.dynamicTest(
                                path + " " + shows,
                                () -> assertHttp(path, paths().getOrDefault(path, ""), shows))));
  }

  private static void assertHttp(String path, String body, Shows shows) throws Exception {
    HttpResponse<String> answer = send(path, body, shows.token());
    int expected = shows.http();
    boolean byReceipt =
        List.of("/v1/refund", "/v1/settle", "/v1/release", "/v1/extend").contains(path);
    if ((byReceipt && shows == Shows.OTHER_DOMAIN)
        || (path.equals("/json") && shows == Shows.RIGHT)) {
      expected = 400;
    }
    if (path.equals("/v1/check/batch") && shows != Shows.RIGHT) {
      // A token that is wrong ends the call. Else each entry is refused on its own.
      boolean ends = shows.http() == 401 && shows != Shows.NOTHING;
      expected = ends ? 401 : 200;
      assertTrue(ends || answer.body().contains("\"error\""), answer::body);
      assertFalse(answer.body().contains("\"allowed\":true"), answer::body);
    }
    assertEquals(expected, answer.statusCode(), answer::body);
    assertFalse(answer.body().contains("at io.limiter"), answer::body);
  }

  private static HttpResponse<String> send(String path, String body, String token)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.httpPort() + path))
            .header("X-User", "a");
    if (!body.isEmpty()) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    if (!token.isEmpty()) {
      request.header("X-Limiter-Token", token);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void whatServesIsHere() throws Exception {
    HttpResponse<String> missing = send("/nothing", "", "");
    List<String> served =
        Stream.of(missing.body().replaceFirst("(?s).*there are ", "").strip().split(", "))
            .map(path -> path.replace("{profile}", "edge"))
            .filter(
                path ->
                    !List.of("/livez", "/readyz", "/healthcheck", "/openapi.json").contains(path))
            .sorted()
            .toList();
    assertEquals(served, paths().keySet().stream().sorted().toList());
  }

  @Test
  void probesAreOpen() throws Exception {
    for (String path : List.of("/livez", "/readyz", "/healthcheck")) {
      assertEquals(200, send(path, "", "").statusCode());
    }
  }

  @Test
  void aProfileIsToldToNobodyWhoMayNotAskByIt() throws Exception {
    String there = send("/v1/authorize/edge", "", Shows.OTHER_DOMAIN.token()).body();
    String none = send("/v1/authorize/none", "", Shows.OTHER_DOMAIN.token()).body();
    assertEquals(there.replace("edge", "none"), none);
  }

  @Test
  void theAuthorizationOfWhomAGatewayAsksAbout_isNotTheGateways() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + service.httpPort() + "/v1/authorize/edge"))
            .header("X-User", "a")
            .header("Authorization", "Bearer of.somebody")
            .header("X-Limiter-Token", Shows.RIGHT.token())
            .build();
    assertEquals(200, http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
  }
}
