package io.limiter.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of gRPC with a limit before them, on either side. */
@Timeout(60)
final class InterceptorsTest {
  private static final Context.Key<String> USER = Context.key("user");
  private static final Duration HOUR = Duration.ofHours(1);

  private final FakeLimiter limiter = FakeLimiter.start();
  private final AtomicInteger answered = new AtomicInteger();
  private final BlockingQueue<Status.Code> cancelled = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new java.util.ArrayList<>();
  private volatile String user = "";

  /** A service that anybody can call: it says that all is well. */
  private final class Service extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> replies) {
      answered.incrementAndGet();
      replies.onNext(HealthCheckResponse.getDefaultInstance());
      replies.onCompleted();
    }

    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> replies) {
      answered.incrementAndGet();
      ((ServerCallStreamObserver<HealthCheckResponse>) replies)
          .setOnCancelHandler(() -> cancelled.add(Status.Code.CANCELLED));
      replies.onNext(HealthCheckResponse.getDefaultInstance());
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    limiter.close();
  }

  private Channel service(ServerInterceptor... interceptors) throws Exception {
    String name = InProcessServerBuilder.generateName();
    Server server =
        InProcessServerBuilder.forName(name)
            .addService(ServerInterceptors.intercept(new Service(), interceptors))
            .build()
            .start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    open.add(channel::shutdownNow);
    open.add(server::shutdownNow);
    return channel;
  }

  private HealthGrpc.HealthBlockingStub limitedByServer() throws Exception {
    return HealthGrpc.newBlockingStub(service(serverLimits(limiter.client())));
  }

  private static ServerInterceptor serverLimits(LimiterClient client) {
    return RateLimitServerInterceptor.by(
        client,
        (call, headers) ->
            Optional.of(
                CheckRequest.in("grpc")
                    .attribute("method", call.getMethodDescriptor().getFullMethodName())));
  }

  private Channel limitedByClient() throws Exception {
    return ClientInterceptors.intercept(service(), clientLimits());
  }

  private RateLimitClientInterceptor clientLimits() {
    return RateLimitClientInterceptor.by(
        limiter.client(),
        (method, options) ->
            Optional.of(CheckRequest.in("up").attribute("method", method.getFullMethodName())));
  }

  private static void check(HealthGrpc.HealthBlockingStub stub) {
    assertEquals(
        HealthCheckResponse.getDefaultInstance(),
        stub.check(HealthCheckRequest.getDefaultInstance()));
  }

  private static StatusRuntimeException fails(HealthGrpc.HealthBlockingStub stub) {
    return assertThrows(
        StatusRuntimeException.class, () -> stub.check(HealthCheckRequest.getDefaultInstance()));
  }

  @Test
  void aDeniedCall_isToldWhenToComeBack_andNeverReachesTheService() throws Exception {
    limiter.limit("per-method", 2, Duration.ofMinutes(1), "method");
    HealthGrpc.HealthBlockingStub stub = limitedByServer();
    check(stub);
    check(stub);
    StatusRuntimeException denied = fails(stub);
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, denied.getStatus().getCode());
    assertEquals(
        "denied by rule \"per-method\"; try again after PT1M", denied.getStatus().getDescription());
    com.google.rpc.Status details = StatusProto.fromThrowable(denied);
    assertEquals(60, unpack(details, RetryInfo.class).getRetryDelay().getSeconds());
    assertEquals(
        "rule:per-method", unpack(details, QuotaFailure.class).getViolations(0).getSubject());
    assertEquals(2, answered.get());
    assertEquals("grpc.health.v1.Health/Check", limiter.asked().get(0).attributes().get("method"));
  }

  private static <T extends com.google.protobuf.Message> T unpack(
      com.google.rpc.Status status, Class<T> type) throws Exception {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(type)) {
        return detail.unpack(type);
      }
    }
    throw new AssertionError("no " + type + " in " + status);
  }

  @Test
  void whatIsNeverAdmitted_isNotToldToComeBack() throws Exception {
    limiter.denyForever();
    com.google.rpc.Status details = StatusProto.fromThrowable(fails(limitedByServer()));
    assertFalse(details.getDetailsList().stream().anyMatch(one -> one.is(RetryInfo.class)));
  }

  @Test
  void aCall_goesAheadInItsOwnContext() throws Exception {
    ServerInterceptor who =
        new ServerInterceptor() {
          @Override
          public <Q, R> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return Contexts.interceptCall(
                Context.current().withValue(USER, "alice"), call, headers, next);
          }
        };
    ServerInterceptor within =
        new ServerInterceptor() {
          @Override
          public <Q, R> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            user = String.valueOf(USER.get());
            return next.startCall(call, headers);
          }
        };
    // The last one is asked first.
    check(HealthGrpc.newBlockingStub(service(within, serverLimits(limiter.client()), who)));
    assertEquals("alice", user);
  }

  @Test
  void aCallWithoutAQuestion_isNotLimited() throws Exception {
    limiter.denyForever();
    check(
        HealthGrpc.newBlockingStub(
            service(
                RateLimitServerInterceptor.by(
                    limiter.client(), (call, headers) -> Optional.empty()))));
    assertEquals(List.of(), limiter.asked());
  }

  @Test
  void aWrongQuestion_isInternal_andTellsCallersNothing() throws Exception {
    limiter.fail(Status.INVALID_ARGUMENT.withDescription("secret"));
    StatusRuntimeException failed = fails(limitedByServer());
    assertEquals(Status.Code.INTERNAL, failed.getStatus().getCode());
    assertFalse(String.valueOf(failed.getMessage()).contains("secret"));
    StatusRuntimeException thrown =
        fails(
            HealthGrpc.newBlockingStub(
                service(
                    RateLimitServerInterceptor.by(
                        limiter.client(),
                        (call, headers) -> {
                          throw new IllegalStateException("secret");
                        }))));
    assertEquals(Status.Code.INTERNAL, thrown.getStatus().getCode());
    assertEquals(0, answered.get());
  }

  @Test
  void withoutAnAnswer_thePolicyDecides() throws Exception {
    limiter.fail(Status.UNAVAILABLE);
    check(limitedByServer());
    try (LimiterClient closed =
        LimiterClient.over(limiter.channel())
            .deadline(Duration.ofMinutes(1))
            .onUnreachable(OnUnreachable.CLOSED)
            .build()) {
      limiter.fail(Status.UNAVAILABLE);
      StatusRuntimeException failed =
          fails(HealthGrpc.newBlockingStub(service(serverLimits(closed))));
      assertEquals(Status.Code.UNAVAILABLE, failed.getStatus().getCode());
    }
  }

  @Test
  void aDelayedCall_goesAheadAfterIt() throws Exception {
    limiter.admit(Duration.ofMillis(30));
    long start = System.nanoTime();
    check(limitedByServer());
    assertTrue(System.nanoTime() - start >= 30_000_000);
  }

  @Test
  void aCallerThatGivesUp_isHeardByTheService() throws Exception {
    Context.CancellableContext caller = Context.current().withCancellation();
    CountDownLatch first = new CountDownLatch(1);
    Channel channel = service(serverLimits(limiter.client()));
    caller.run(
        () ->
            HealthGrpc.newStub(channel)
                .watch(HealthCheckRequest.getDefaultInstance(), observer(first)));
    assertTrue(first.await(30, TimeUnit.SECONDS));
    caller.cancel(null);
    assertEquals(Status.Code.CANCELLED, cancelled.poll(30, TimeUnit.SECONDS));
  }

  private static StreamObserver<HealthCheckResponse> observer(CountDownLatch first) {
    return new StreamObserver<>() {
      @Override
      public void onNext(HealthCheckResponse response) {
        first.countDown();
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {}
    };
  }

  @Test
  void manyCalls_getExactlyTheLimit() throws Exception {
    limiter.limit("all", 20, HOUR);
    HealthGrpc.HealthFutureStub stub =
        HealthGrpc.newFutureStub(service(serverLimits(limiter.client())));
    var calls =
        IntStream.range(0, 200)
            .mapToObj(i -> stub.check(HealthCheckRequest.getDefaultInstance()))
            .toList();
    int admitted = 0;
    for (var call : calls) {
      try {
        call.get(30, TimeUnit.SECONDS);
        admitted++;
      } catch (java.util.concurrent.ExecutionException denied) {
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, Status.fromThrowable(denied).getCode());
      }
    }
    assertEquals(20, admitted);
    assertEquals(20, answered.get());
  }

  @Test
  void aClientsCall_waitsForRoom() throws Exception {
    limiter.deny(Duration.ofMillis(20)).deny(Duration.ofMillis(10)).admit();
    long start = System.nanoTime();
    check(HealthGrpc.newBlockingStub(limitedByClient()));
    assertTrue(System.nanoTime() - start >= 30_000_000);
    assertEquals(3, limiter.asked().size());
    assertEquals(1, answered.get());
  }

  @Test
  void aClientsCall_withoutRoomWithinItsDeadline_endsAtOnce() throws Exception {
    limiter.deny(HOUR);
    StatusRuntimeException denied =
        fails(
            HealthGrpc.newBlockingStub(limitedByClient()).withDeadlineAfter(30, TimeUnit.MINUTES));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, denied.getStatus().getCode());
    limiter.deny(HOUR);
    assertEquals(
        Status.Code.RESOURCE_EXHAUSTED,
        fails(HealthGrpc.newBlockingStub(limitedByClient())).getStatus().getCode());
    limiter.admit(HOUR);
    assertEquals(
        "RESOURCE_EXHAUSTED: its turn comes after PT1H, which is too late",
        fails(HealthGrpc.newBlockingStub(limitedByClient())).getMessage());
    assertEquals(0, answered.get());
  }

  @Test
  void aClientsCall_thatIsCancelledWhileItWaits_isNotMade() throws Exception {
    limiter.deny(HOUR);
    RateLimitClientInterceptor patient = clientLimits().waitingUpTo(Duration.ofHours(2));
    var call =
        HealthGrpc.newFutureStub(ClientInterceptors.intercept(service(), patient))
            .check(HealthCheckRequest.getDefaultInstance());
    // Else the denial may be told to the next call.
    while (limiter.asked().isEmpty()) {
      LockSupport.parkNanos(100_000);
    }
    assertTrue(call.cancel(true));
    check(HealthGrpc.newBlockingStub(limitedByClient()));
    assertEquals(1, answered.get());
  }

  @Test
  void aClientsStream_goesAheadAfterItsDelay() throws Exception {
    limiter.admit(Duration.ofMillis(10));
    CompletableFuture<String> got = new CompletableFuture<>();
    HealthGrpc.newStub(limitedByClient())
        .watch(
            HealthCheckRequest.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse response) {
                got.complete("answered");
              }

              @Override
              public void onError(Throwable failure) {
                got.complete("failed: " + failure);
              }

              @Override
              public void onCompleted() {
                got.complete("ended without an answer");
              }
            });
    assertEquals("answered", got.get(30, TimeUnit.SECONDS));
  }
}
