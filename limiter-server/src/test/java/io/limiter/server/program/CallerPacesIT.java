package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.limiter.envoy.descriptor.RateLimitDescriptor;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RateLimiterGrpc.RateLimiterBlockingStub;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.SettleRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a caller has done for it in a second, and what it sends, is bounded whatever it asks. */
@Timeout(120)
class CallerPacesIT {
  private static final long SECOND = 1_000_000_000;
  private static final long MILLISECOND = 1_000_000;
  private static final Pattern MILLIS = Pattern.compile("ask again in ([0-9]+) ms");
  private static final int LIMIT = 1_000;

  /** How many counters a question about {@code user} asks. */
  private static final int COUNTERS = 60;

  private static final int ALTERNATIVES = 8;
  private static final String PROFILE =
      """
      authorize:
        web:
          domain: shop
          attributes: { light: { header: X-Light } }
          on-no-decision: allow
      """;

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private BoundedService service;
  private ManagedChannel channel;
  private RateLimiterBlockingStub greedy;
  private RateLimiterBlockingStub modest;

  @BeforeEach
  void start() throws IOException {
    StringBuilder rules = new StringBuilder("domain: shop\nrules:\n");
    for (int i = 0; i < COUNTERS; i++) {
      rules.append(rule("heavy" + i, "user", ""));
    }
    rules.append(rule("light", "light", ", hold: 1m"));
    service =
        new BoundedService(
            folder,
            List.of(
                new RuleFiles.Source("shop.yaml", rules.toString()),
                new RuleFiles.Source("web.yaml", PROFILE)),
            "");
    channel = service.channel();
    greedy = BoundedService.stub(channel, "greedy");
    modest = BoundedService.stub(channel, "modest");
  }

  private static String rule(String name, String key, String more) {
    return "  - { name: %s, key: [%s], algorithm: fixed-window, limit: %d, window: 1h%s }%n"
        .formatted(name, key, LIMIT, more);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static CheckAndConsumeRequest light() {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("shop")
        .setRequestId("1")
        .putAttributes("light", "a")
        .build();
  }

  /** What was left of a counter before this, which charges it. */
  private long left(CheckAndConsumeRequest question) {
    CheckAndConsumeResponse answer = modest.checkAndConsume(question);
    assertTrue(answer.getAllowed());
    return answer.getStatuses(0).getRemaining() + 1;
  }

  /** Of a call that is refused: the status that it fails with, or that an entry of it has. */
  private static Status status(Supplier<Status> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException refused) {
      return StatusProto.fromThrowable(refused);
    }
  }

  private static Status error(CheckAndConsumeResponse answer) {
    return Status.newBuilder()
        .setCode(answer.getError().getCode())
        .setMessage(answer.getError().getMessage())
        .build();
  }

  private static Status admitted(Message answer) {
    return Status.newBuilder().setMessage("admitted: " + answer).build();
  }

  /** All that may be asked of counters, each of which asks one or more. */
  private Map<String, Supplier<Status>> calls(ByteString receipt, ByteString hold) {
    Map<String, Supplier<Status>> calls = new LinkedHashMap<>();
    calls.put("check", () -> admitted(greedy.checkAndConsume(light())));
    calls.put(
        "batch",
        () ->
            error(
                greedy
                    .checkAndConsumeBatch(
                        CheckAndConsumeBatchRequest.newBuilder()
                            .addRequests(light())
                            .addRequests(light())
                            .build())
                    .getResponses(1)));
    calls.put("stream", this::streamed);
    calls.put(
        "any",
        () ->
            admitted(
                greedy.checkAny(CheckAnyRequest.newBuilder().addAlternatives(light()).build())));
    calls.put(
        "explain",
        () ->
            admitted(
                greedy.explain(
                    ExplainRequest.newBuilder()
                        .setDomain("shop")
                        .putAttributes("light", "a")
                        .build())));
    calls.put(
        "reset",
        () ->
            admitted(
                greedy.reset(
                    ResetRequest.newBuilder()
                        .setDomain("shop")
                        .putAttributes("light", "a")
                        .build())));
    calls.put(
        "refund",
        () -> admitted(greedy.refund(RefundRequest.newBuilder().setReceipt(receipt).build())));
    calls.put(
        "settle",
        () -> admitted(greedy.settle(SettleRequest.newBuilder().setReceipt(hold).build())));
    calls.put("envoy", this::envoy);
    return calls;
  }

  private Status streamed() {
    CompletableFuture<Status> error = new CompletableFuture<>();
    StreamObserver<CheckAndConsumeRequest> stream =
        RateLimiterGrpc.newStub(channel)
            .withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(BoundedService.token("greedy")))
            .checkAndConsumeStream(
                new StreamObserver<>() {
                  @Override
                  public void onNext(CheckAndConsumeResponse response) {
                    error.complete(error(response));
                  }

                  @Override
                  public void onError(Throwable failure) {
                    error.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    stream.onNext(light());
    Status told = error.join();
    stream.onCompleted();
    return told;
  }

  private Status envoy() {
    return admitted(
        RateLimitServiceGrpc.newBlockingStub(channel)
            .withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(BoundedService.token("greedy")))
            .shouldRateLimit(
                RateLimitRequest.newBuilder()
                    .setDomain("shop")
                    .addDescriptors(
                        RateLimitDescriptor.newBuilder()
                            .addEntries(
                                RateLimitDescriptor.Entry.newBuilder()
                                    .setKey("light")
                                    .setValue("a")))
                    .build()));
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.httpPort() + path))
            .header("X-Limiter-Token", "greedy.secret")
            .header("X-Light", "a")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** As the details tell it; of an entry, which has none, as the message does in milliseconds. */
  private static long waitNanos(Status refused) {
    for (Any detail : refused.getDetailsList()) {
      if (detail.is(RetryInfo.class)) {
        try {
          Duration wait = detail.unpack(RetryInfo.class).getRetryDelay();
          return wait.getSeconds() * SECOND + wait.getNanos();
        } catch (InvalidProtocolBufferException bad) {
          throw new AssertionError(bad);
        }
      }
    }
    Matcher said = MILLIS.matcher(refused.getMessage());
    assertTrue(said.find(), refused::toString);
    return Long.parseLong(said.group(1)) * MILLISECOND;
  }

  /**
   * Has greedy owe several minutes, and then ask all that there is to ask.
   *
   * @param owes what asks so much, and how many nanoseconds of its pace that is
   * @param why what a refusal says
   * @param gateway whether what gateways ask is refused too
   */
  private void assertAllIsRefused(String bound, Supplier<Long> owes, String why, boolean gateway)
      throws Exception {
    ByteString receipt =
        greedy.checkAndConsume(light().toBuilder().setWantReceipt(true).build()).getReceipt();
    ByteString hold =
        greedy
            .checkAndConsume(
                light().toBuilder().setHold(Duration.newBuilder().setSeconds(60)).build())
            .getReceipt();
    assertTrue(receipt.size() > 0 && hold.size() > 0);
    assertEquals(LIMIT - 2, left(light()));
    service.rebound(bound + ": 1/s");
    long begun = System.nanoTime();
    long owed = owes.get();
    long earliest = begun + owed;
    long latest = System.nanoTime() + owed;
    int asked = 0;
    for (Map.Entry<String, Supplier<Status>> call : calls(receipt, hold).entrySet()) {
      long before = System.nanoTime();
      Status refused = status(call.getValue());
      long after = System.nanoTime();
      Supplier<String> told = () -> call.getKey() + ": " + refused;
      assertEquals(
          call.getKey().equals("envoy") ? Code.UNAVAILABLE_VALUE : Code.RESOURCE_EXHAUSTED_VALUE,
          refused.getCode(),
          told);
      assertTrue(refused.getMessage().startsWith("caller greedy " + why), told);
      boolean entry = call.getKey().equals("batch") || call.getKey().equals("stream");
      assertEquals(entry ? 0 : 1, refused.getDetailsCount(), told);
      long wait = waitNanos(refused);
      assertTrue(wait >= earliest - after && wait <= latest - before + MILLISECOND, told);
      asked++;
      assertEquals(LIMIT - 2 - asked, left(light()), "what was refused is charged: " + told.get());
    }
    assertRefusedByHttp("/v1/check", why, earliest, latest);
    if (gateway) {
      assertRefusedByHttp("/v1/authorize/web", why, earliest, latest);
      assertEquals(LIMIT - 3 - asked, left(light()));
    } else {
      assertEquals(200, post("/v1/authorize/web", "").statusCode());
    }
    service.rebound(bound + ": 1000000000/s");
    assertEquals(200, post("/v1/check", "{\"domain\":\"shop\"}").statusCode());
    assertTrue(greedy.refund(RefundRequest.newBuilder().setReceipt(receipt).build()).getRefunded());
    assertEquals(
        1, greedy.settle(SettleRequest.newBuilder().setReceipt(hold).build()).getStatusesCount());
  }

  private void assertRefusedByHttp(String path, String why, long earliest, long latest)
      throws IOException, InterruptedException {
    long before = System.nanoTime();
    HttpResponse<String> refused =
        post(path, "{\"domain\":\"shop\",\"attributes\":{\"light\":\"a\"}}");
    long after = System.nanoTime();
    assertEquals(503, refused.statusCode(), refused::body);
    assertTrue(refused.body().contains("caller greedy " + why), refused::body);
    long seconds = Long.parseLong(refused.headers().firstValue("retry-after").orElse("0"));
    assertTrue(
        seconds >= (earliest - after) / SECOND && seconds <= (latest - before) / SECOND + 1,
        () -> seconds + " s");
  }

  /** Of alternatives all are counted, though one is charged. */
  @Test
  void whoeverHasMoreWorkDoneThanItMay_isRefusedAllThatAsksCounters() throws Exception {
    CheckAnyRequest.Builder heavy = CheckAnyRequest.newBuilder();
    for (int i = 0; i < ALTERNATIVES; i++) {
      heavy.addAlternatives(BoundedService.question("any"));
    }
    assertAllIsRefused(
        "work",
        () -> {
          assertTrue(greedy.checkAny(heavy.build()).getResponse().getAllowed());
          return ALTERNATIVES * COUNTERS * SECOND;
        },
        "asks more than its 1 counters a second (work); ask again in ",
        /* gateway= */ true);
    assertEquals(LIMIT - 1, left(BoundedService.question("any")));
  }

  @Test
  void whoeverSendsMoreThanItMay_isRefusedAllThatHasBytes() throws Exception {
    CheckAndConsumeRequest large =
        light().toBuilder().putAttributes("x", "y".repeat(600)).setCost(0).build();
    assertAllIsRefused(
        "bytes",
        () -> {
          assertTrue(greedy.checkAndConsume(large).getAllowed());
          return large.getSerializedSize() * SECOND;
        },
        "sends more than its 1 bytes of messages a second; ask again in ",
        /* gateway= */ false);
  }

  /** What is not counted anywhere costs no work: a question to which no rule applies. */
  @Test
  void aQuestionWithoutCounters_isNoWork() throws Exception {
    service.rebound("work: 1/s");
    assertTrue(greedy.checkAndConsume(BoundedService.question("once")).getAllowed());
    for (int i = 0; i < 10; i++) {
      assertTrue(
          greedy
              .checkAndConsume(CheckAndConsumeRequest.newBuilder().setDomain("shop").build())
              .getAllowed());
    }
    assertThrows(StatusRuntimeException.class, () -> greedy.checkAndConsume(light()));
  }

  @Test
  void afterTheWaitThatIsTold_theSameIsAdmitted() throws Exception {
    service.rebound("work: 200/s");
    for (int round = 0; round < 5; round++) {
      Status refused;
      do {
        refused = status(() -> admitted(greedy.checkAndConsume(BoundedService.question("waits"))));
      } while (refused.getCode() == 0);
      long until = System.nanoTime() + waitNanos(refused);
      while (System.nanoTime() - until < 0) {
        LockSupport.parkNanos(until - System.nanoTime());
      }
      assertTrue(greedy.checkAndConsume(BoundedService.question("waits")).getAllowed());
    }
  }

  @Test
  void manyThreads_haveNoMoreDoneThanMay_andWhatIsRefusedIsNotCharged() throws Exception {
    int perSecond = 10 * COUNTERS;
    service.rebound("work: " + perSecond + "/s");
    AtomicInteger admitted = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    long begun = System.nanoTime();
    ExecutorService pool = Executors.newFixedThreadPool(6);
    try {
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        RateLimiterBlockingStub own = BoundedService.stub(service.channel(), "greedy");
        threads.add(
            pool.submit(
                () -> {
                  for (int n = 0; n < 100; n++) {
                    try {
                      assertTrue(own.checkAndConsume(BoundedService.question("many")).getAllowed());
                      admitted.incrementAndGet();
                    } catch (StatusRuntimeException tooMuch) {
                      assertEquals(
                          io.grpc.Status.Code.RESOURCE_EXHAUSTED, tooMuch.getStatus().getCode());
                      refused.incrementAndGet();
                    }
                  }
                }));
      }
      for (Future<?> one : threads) {
        one.get();
      }
    } finally {
      pool.shutdownNow();
    }
    double seconds = (double) (System.nanoTime() - begun) / SECOND;
    assertTrue(
        admitted.get() * COUNTERS <= perSecond * (1 + seconds),
        () -> admitted + " in " + seconds + " s");
    assertTrue(admitted.get() >= 10, () -> "admitted: " + admitted);
    assertTrue(refused.get() > 0, "nobody was refused");
    assertEquals(LIMIT - admitted.get(), left(BoundedService.question("many")));
  }
}
