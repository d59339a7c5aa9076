package io.limiter.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.limiter.client.CheckRequest;
import io.limiter.client.decorate.CallTerms;
import io.limiter.client.decorate.Pacer;
import io.limiter.client.testing.FakeLimiter;
import io.limiter.client.upstream.Observation;
import io.limiter.client.upstream.UpstreamSaid;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of gRPC to an upstream that has a limit of its own. */
@Timeout(60)
final class PacedClientInterceptorTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final FakeLimiter limiter = FakeLimiter.start();
  private final Queue<StatusRuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final Pacer pacer =
      Pacer.by(limiter.client(), CheckRequest.in("up"))
          .circuitBreaker(2, HOUR, HOUR)
          .failFastWhenOpen()
          .build();
  private Server server;
  private ManagedChannel channel;
  private HealthGrpc.HealthBlockingStub stub;

  @BeforeEach
  void start() throws Exception {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(new Service()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
    Channel paced =
        ClientInterceptors.intercept(
            channel, new PacedClientInterceptor(pacer, CallTerms.within(Duration.ofMinutes(9))));
    stub = HealthGrpc.newBlockingStub(paced);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    limiter.close();
  }

  private final class Service extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> replies) {
      answered.incrementAndGet();
      StatusRuntimeException failure = failures.poll();
      if (failure == null) {
        replies.onNext(HealthCheckResponse.getDefaultInstance());
        replies.onCompleted();
      } else {
        replies.onError(failure);
      }
    }
  }

  private void check() {
    var unused = stub.check(HealthCheckRequest.getDefaultInstance());
  }

  private Status.Code fails() {
    return assertThrows(StatusRuntimeException.class, this::check).getStatus().getCode();
  }

  private static StatusRuntimeException failure(Status status, Duration wait) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(status.getCode().value())
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(
                            com.google.protobuf.Duration.newBuilder().setSeconds(wait.toSeconds()))
                        .build()))
            .build());
  }

  @Test
  void aRefusal_isToldAndHolds_andIsNotRepeated() {
    check();
    failures.add(failure(Status.RESOURCE_EXHAUSTED, HOUR));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, fails());
    assertEquals(2, answered.get());
    while (limiter.observed().isEmpty()) {
      LockSupport.parkNanos(100_000);
    }
    assertEquals(Observation.blocked(HOUR), limiter.observed().get(0).observation());
    StatusRuntimeException denied = assertThrows(StatusRuntimeException.class, this::check);
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, denied.getStatus().getCode());
    assertEquals(2, answered.get());
  }

  @Test
  void aBrokenUpstream_opensTheCircuit() {
    for (int i = 0; i < 100; i++) {
      failures.add(Status.UNAVAILABLE.asRuntimeException());
    }
    // A call's caller may hear of its end before the pacer does.
    String message;
    do {
      message =
          String.valueOf(assertThrows(StatusRuntimeException.class, this::check).getMessage());
      assertTrue(message.startsWith("UNAVAILABLE"), message);
    } while (!message.contains("failed too often"));
    assertTrue(answered.get() >= 2 && !failures.isEmpty());
  }

  @Test
  void aCallersDeadline_endsItsWait() {
    limiter.deny(HOUR);
    stub = stub.withDeadlineAfter(5, TimeUnit.MINUTES);
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, fails());
    assertEquals(0, answered.get());
    assertEquals(0, pacer.waiting());
  }

  @Test
  void whoIsCancelledWhileItWaits_leavesTheLine() {
    limiter.deny(Duration.ofMinutes(8));
    var call =
        HealthGrpc.newFutureStub(stub.getChannel()).check(HealthCheckRequest.getDefaultInstance());
    while (pacer.waiting() == 0) {
      LockSupport.parkNanos(100_000);
    }
    assertTrue(call.cancel(true));
    while (pacer.waiting() > 0) {
      LockSupport.parkNanos(100_000);
    }
    assertEquals(0, answered.get());
  }

  @Test
  void everyEnd_saysWhatItMeans() {
    Metadata pushback = new Metadata();
    pushback.put(
        Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER), "1500");
    assertEquals(
        new UpstreamSaid(
            UpstreamSaid.Outcome.UNAVAILABLE,
            List.of(Observation.blocked(Duration.ofMillis(1_500)))),
        said(Status.UNAVAILABLE, pushback));
    for (String wrong : List.of("-1", "soon", "9".repeat(30), "0")) {
      Metadata trailers = new Metadata();
      trailers.put(
          Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER), wrong);
      assertEquals(List.of(), said(Status.UNAVAILABLE, trailers).observations());
    }
    assertEquals(
        UpstreamSaid.Outcome.ANSWERED,
        said(
                Status.RESOURCE_EXHAUSTED.withDescription(
                    "gRPC message exceeds maximum size 4194304: 5000000"),
                new Metadata())
            .outcome());
    assertEquals(UpstreamSaid.Outcome.FAILED, said(Status.INTERNAL, new Metadata()).outcome());
    assertEquals(UpstreamSaid.Outcome.ANSWERED, said(Status.NOT_FOUND, new Metadata()).outcome());
  }

  private static UpstreamSaid said(Status status, Metadata trailers) {
    return Closings.INSTANCE.read(new Closings.Closing(status, trailers));
  }
}
