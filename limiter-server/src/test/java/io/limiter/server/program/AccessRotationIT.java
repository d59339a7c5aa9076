package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.nimbusds.jose.jwk.JWKSet;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.RefusedException;
import io.limiter.server.access.Tokens;
import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.testing.TestRedis;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.HoldEnd;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RateLimiterGrpc.RateLimiterBlockingStub;
import io.limiter.v1.SettleRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens, keys of issuers and secrets are changed in two steps while callers ask: no call fails
 * that shows what is valid at the time, and what was taken away is refused afterwards.
 */
@Timeout(180)
class AccessRotationIT {
  private static final String RULES =
      """
      domain: shop
      rules:
        - { name: r, key: [user], algorithm: fixed-window, limit: 1000000, window: 1h, hold: 1m }
      """;
  private static final String OLD = "o".repeat(40);
  private static final String NEW = "n".repeat(40);
  private static final String MARKER = "marker.secret";

  @TempDir Path folder;
  private final Tokens before = new Tokens("k1");
  private final Tokens after = new Tokens("k2");
  private final String first = Tokens.hash("first");
  private final String second = Tokens.hash("second");
  private final String marker = Tokens.hash("secret");
  private final HttpClient http = HttpClient.newHttpClient();
  private int generation;
  private Service service;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    write("secrets", OLD);
    write("jwks.json", new JWKSet(before.key()).toString());
    writeAccess(first);
    service =
        Service.start(
            SampleService.with(
                SampleService.settings(
                    Optional.of(TestRedis.shared().uri()), java.time.Duration.ZERO),
                new AccessFiles(folder.resolve("access.yaml"), folder.resolve("secrets"))),
            LiveRules.fixed(
                RuleFiles.load(List.of(new RuleFiles.Source("shop.yaml", RULES))),
                Clock.systemUTC()),
            "the test's");
    channel =
        Grpc.newChannelBuilder(
                "127.0.0.1:" + service.grpcPort(), InsecureChannelCredentials.create())
            .build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    service.close();
  }

  /** As operators should: the new file in the place of the old, whole. */
  private void write(String name, String text) throws IOException {
    Path whole = Files.writeString(folder.resolve(name + ".new"), text);
    Files.move(
        whole,
        folder.resolve(name),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  private void writeAccess(String... hashes) throws IOException {
    writeGranting("check, settle, refund", hashes);
  }

  private void writeGranting(String granted, String... hashes) throws IOException {
    generation++;
    write(
        "access.yaml",
        """
        issuers:
          - { name: corp, issuer: "%s", audience: limiter, keys: jwks.json }
        callers:
          - name: shop-team
            tokens: ["%s"]
            jwt: [{ issuer: corp, subject: shop-team }]
            grants: [{ methods: [%s], domains: [shop] }]
          - name: marker
            tokens: ["%s"]
            grants: [{ methods: [check], domains: [generation-%d] }]
        """
            .formatted(Tokens.ISSUER, String.join("\", \"", hashes), granted, marker, generation));
  }

  /** Waits until all that was written last is in force: it grants the marker another domain. */
  private void awaitInForce() {
    CheckAndConsumeRequest question =
        CheckAndConsumeRequest.newBuilder().setDomain("generation-" + generation).build();
    while (code(MARKER, question) != Status.Code.OK) {
      Thread.onSpinWait();
    }
  }

  private Status.Code code(String token, CheckAndConsumeRequest question) {
    try {
      var unused = stub(token).checkAndConsume(question);
      return Status.Code.OK;
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode();
    }
  }

  private Status.Code code(String token) {
    return code(token, question().build());
  }

  private RateLimiterBlockingStub stub(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return RateLimiterGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static CheckAndConsumeRequest.Builder question() {
    return CheckAndConsumeRequest.newBuilder().setDomain("shop").putAttributes("user", "a");
  }

  private String httpAnswer(String token) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + service.httpPort() + "/v1/check"))
                .header("Authorization", "Bearer " + token)
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"domain\":\"shop\",\"attributes\":{\"user\":\"a\"}}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() == 200 ? "OK" : answer.statusCode() + " " + answer.body();
  }

  /** Callers that ask all the time, and show what is valid. */
  private final class Load implements AutoCloseable {
    private static final int EACH = 2;

    private volatile String shown;
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<AtomicLong> asked = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    Load(String token) {
      shown = token;
      for (int i = 0; i < 2 * EACH; i++) {
        boolean overHttp = i < EACH;
        AtomicLong count = new AtomicLong();
        asked.add(count);
        Thread thread =
            new Thread(
                () -> {
                  while (!over.get()) {
                    ask(overHttp);
                    count.incrementAndGet();
                  }
                });
        threads.add(thread);
        thread.start();
      }
    }

    /** Has them show another. */
    void show(String token) {
      shown = token;
    }

    private void ask(boolean overHttp) {
      String token = shown;
      try {
        String answer = overHttp ? httpAnswer(token) : code(token).name();
        if (!answer.equals("OK")) {
          failures.add(answer);
        }
      } catch (IOException | RuntimeException e) {
        failures.add(e.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Waits until each has asked anew, twice: what it asked with before is answered. */
    void awaitEach() {
      List<Long> from = asked.stream().map(AtomicLong::get).toList();
      for (int i = 0; i < from.size(); i++) {
        while (asked.get(i).get() < from.get(i) + 2) {
          Thread.onSpinWait();
        }
      }
    }

    @Override
    public void close() {
      over.set(true);
      for (Thread thread : threads) {
        while (thread.isAlive()) {
          Thread.onSpinWait();
        }
      }
      assertEquals(List.of(), List.copyOf(failures));
      assertTrue(asked.stream().allMatch(count -> count.get() > 2), asked::toString);
    }
  }

  @Test
  void aToken_isChangedInTwoSteps() throws Exception {
    try (Load load = new Load("shop-team.first")) {
      load.awaitEach();
      assertEquals(Status.Code.UNAUTHENTICATED, code("shop-team.second"));
      writeAccess(first, second);
      awaitInForce();
      load.awaitEach();
      load.show("shop-team.second");
      load.awaitEach();
      writeAccess(second);
      awaitInForce();
      load.awaitEach();
      assertEquals(Status.Code.UNAUTHENTICATED, code("shop-team.first"));
      assertTrue(httpAnswer("shop-team.first").startsWith("401 "));
    }
  }

  @Test
  void anIssuersKey_isChangedInTwoSteps() throws Exception {
    Instant until = Instant.now().plusSeconds(600);
    String old = before.of("shop-team", until);
    try (Load load = new Load(old)) {
      load.awaitEach();
      assertEquals(Status.Code.UNAUTHENTICATED, code(after.of("shop-team", until)));
      write("jwks.json", new JWKSet(List.of(before.key(), after.key())).toString());
      writeAccess(first);
      awaitInForce();
      load.awaitEach();
      load.show(after.of("shop-team", until));
      load.awaitEach();
      write("jwks.json", after.jwks());
      writeAccess(first);
      awaitInForce();
      load.awaitEach();
      assertEquals(Status.Code.UNAUTHENTICATED, code(old));
      assertTrue(httpAnswer(old).startsWith("401 "));
    }
  }

  private ByteString held() {
    CheckAndConsumeResponse answer =
        stub("shop-team.first")
            .checkAndConsume(
                question()
                    .putAttributes("user", UUID.randomUUID().toString())
                    .setHold(Duration.newBuilder().setSeconds(60))
                    .build());
    assertTrue(answer.getAllowed());
    return answer.getReceipt();
  }

  private HoldEnd settled(ByteString receipt) {
    return stub("shop-team.first")
        .settle(SettleRequest.newBuilder().setReceipt(receipt).setCost(1).build())
        .getEnd();
  }

  @Test
  void theSecret_isChangedInTwoSteps_andReceiptsSettleWhileItIsListed() throws Exception {
    ByteString one = held();
    ByteString two = held();
    ByteString three;
    try (Load load = new Load("shop-team.first")) {
      load.awaitEach();
      write("secrets", NEW + "\n" + OLD + "\n");
      writeAccess(first);
      awaitInForce();
      assertEquals(HoldEnd.ENDED, settled(one));
      three = held();
      write("secrets", NEW + "\n");
      writeAccess(first);
      awaitInForce();
      load.awaitEach();
    }
    StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> settled(two));
    assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    assertEquals(HoldEnd.ENDED, settled(three));
  }

  @Test
  void aStreamThatIsOpen_losesWhatIsTakenFromItsCaller_andGetsItBack() throws Exception {
    BlockingQueue<Status.Code> answers = new LinkedBlockingQueue<>();
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer shop-team.first");
    StreamObserver<CheckAndConsumeRequest> stream =
        RateLimiterGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .checkAndConsumeStream(
                new StreamObserver<>() {
                  @Override
                  public void onNext(CheckAndConsumeResponse answer) {
                    answers.add(Status.fromCodeValue(answer.getError().getCode()).getCode());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answers.add(Status.Code.ABORTED);
                  }

                  @Override
                  public void onCompleted() {
                    answers.add(Status.Code.CANCELLED);
                  }
                });
    stream.onNext(question().setRequestId("1").build());
    assertEquals(Status.Code.OK, answers.take());
    writeGranting("settle", first);
    awaitInForce();
    stream.onNext(question().setRequestId("2").build());
    assertEquals(Status.Code.PERMISSION_DENIED, answers.take());
    writeAccess(second);
    awaitInForce();
    stream.onNext(question().setRequestId("3").build());
    assertEquals(Status.Code.UNAUTHENTICATED, answers.take(), "its token is gone");
    writeAccess(first);
    awaitInForce();
    stream.onNext(question().setRequestId("4").build());
    assertEquals(Status.Code.OK, answers.take());
    stream.onCompleted();
    assertEquals(Status.Code.CANCELLED, answers.take());
  }

  @Test
  void aFileThatIsHalfWritten_locksNobodyOut() throws Exception {
    try (Load load = new Load("shop-team.first")) {
      load.awaitEach();
      String whole = Files.readString(folder.resolve("access.yaml"));
      // Valid YAML, of fewer callers, and at once what it should be.
      for (int i = 0; i < 3; i++) {
        Files.writeString(folder.resolve("access.yaml"), "callers: []\n");
        load.awaitEach();
        Files.writeString(folder.resolve("access.yaml"), whole);
        load.awaitEach();
      }
      // What stays wrong is not used.
      write("access.yaml", "callers: [\n");
      write("secrets", "short");
      load.awaitEach();
      write("secrets", OLD);
      writeAccess(first);
      awaitInForce();
      load.awaitEach();
    }
  }

  @Test
  void theJavaClient_showsItsToken_andTheCurrentOneEachTime() throws Exception {
    AtomicReference<String> token = new AtomicReference<>("shop-team.first");
    try (LimiterClient client =
        LimiterClient.to("127.0.0.1:" + service.grpcPort())
            .deadline(java.time.Duration.ofSeconds(10))
            .onUnreachable(OnUnreachable.OPEN)
            .token(
                () -> {
                  String now = Objects.requireNonNull(token.get());
                  if (now.equals("none")) {
                    throw new IllegalStateException(now);
                  }
                  return now;
                })
            .build()) {
      CheckRequest question = CheckRequest.in("shop").attribute("user", "a");
      assertTrue(client.check(question).allowed());
      token.set("shop-team.wrong");
      RefusedException refused = assertThrows(RefusedException.class, () -> client.check(question));
      assertEquals(Status.Code.UNAUTHENTICATED, refused.code());
      for (String none : List.of("", "two words", "none")) {
        token.set(none);
        RefusedException notAsked =
            assertThrows(RefusedException.class, () -> client.check(question));
        assertTrue(String.valueOf(notAsked.getMessage()).contains("not asked"));
      }
      token.set(before.of("shop-team", Instant.now().plusSeconds(60)));
      assertTrue(client.check(question).allowed());
    }
    try (LimiterClient over = LimiterClient.over(channel).token(() -> "shop-team.first").build()) {
      assertTrue(over.check(CheckRequest.in("shop").attribute("user", "a")).allowed());
    }
  }
}
