package io.limiter.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.grpc.Channel;
import io.grpc.Context;
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
import io.grpc.stub.StreamObserver;
import io.limiter.client.CheckRequest;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server's call whose question holds has room until it is over, however it ends. */
@Timeout(20)
final class HeldCallsTest {
  private static final HealthCheckRequest REQUEST = HealthCheckRequest.getDefaultInstance();

  private final FakeLimiter limiter = FakeLimiter.start();
  private final List<AutoCloseable> open = new java.util.ArrayList<>();

  /** The streams that have begun; the test ends them. */
  private final BlockingQueue<StreamObserver<HealthCheckResponse>> streams =
      new LinkedBlockingQueue<>();

  private final class Service extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> replies) {
      if (!request.getService().isEmpty()) {
        throw new IllegalStateException("a bug");
      }
      assertEquals(1, limiter.held());
      replies.onNext(HealthCheckResponse.getDefaultInstance());
      replies.onCompleted();
    }

    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> replies) {
      streams.add(replies);
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    limiter.close();
  }

  private Channel service(Duration hold, ServerInterceptor... within) throws Exception {
    String name = InProcessServerBuilder.generateName();
    ServerInterceptor limits =
        RateLimitServerInterceptor.by(
            limiter.client(),
            (call, headers) -> Optional.of(CheckRequest.in("streams").hold(hold)));
    Server server =
        InProcessServerBuilder.forName(name)
            .addService(
                ServerInterceptors.intercept(
                    ServerInterceptors.intercept(new Service(), within), limits))
            .build()
            .start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    open.add(channel::shutdownNow);
    open.add(server::shutdownNow);
    return channel;
  }

  private Channel oneAtOnce() throws Exception {
    limiter.concurrency("at-once", 1, Duration.ofMinutes(1));
    return service(Duration.ofMinutes(1));
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(1_000_000);
      assertFalse(Thread.interrupted(), "it did not come about in time");
    }
  }

  private void awaitHeld(int calls) {
    await(() -> limiter.held() == calls);
  }

  private StreamObserver<HealthCheckResponse> begun() throws InterruptedException {
    StreamObserver<HealthCheckResponse> stream = streams.poll(30, TimeUnit.SECONDS);
    if (stream == null) {
      throw new AssertionError("no stream has begun");
    }
    return stream;
  }

  private static Context.CancellableContext watch(Channel channel) {
    Context.CancellableContext caller = Context.current().withCancellation();
    caller.run(
        () ->
            HealthGrpc.newStub(channel)
                .watch(
                    REQUEST,
                    new StreamObserver<>() {
                      @Override
                      public void onNext(HealthCheckResponse response) {}

                      @Override
                      public void onError(Throwable failure) {}

                      @Override
                      public void onCompleted() {}
                    }));
    return caller;
  }

  private static Status.Code check(Channel channel, HealthCheckRequest request) {
    try {
      var unused = HealthGrpc.newBlockingStub(channel).check(request);
      return Status.Code.OK;
    } catch (StatusRuntimeException failed) {
      return failed.getStatus().getCode();
    }
  }

  @Test
  void aStream_holdsUntilTheServerEndsIt() throws Exception {
    Channel channel = oneAtOnce();
    watch(channel);
    StreamObserver<HealthCheckResponse> stream = begun();
    assertEquals(1, limiter.held());
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, check(channel, REQUEST));
    stream.onCompleted();
    awaitHeld(0);
    assertEquals(Status.Code.OK, check(channel, REQUEST));
    awaitHeld(0);
    watch(channel);
    begun().onError(Status.ABORTED.asRuntimeException());
    awaitHeld(0);
    assertEquals(3, limiter.released());
  }

  @Test
  void aStreamThatItsCallerCancels_holdsNoLonger() throws Exception {
    Context.CancellableContext caller = watch(oneAtOnce());
    begun();
    assertEquals(1, limiter.held());
    caller.cancel(null);
    awaitHeld(0);
    assertEquals(1, limiter.released());
  }

  @Test
  void aServiceThatThrows_holdsNoLonger() throws Exception {
    Channel channel = oneAtOnce();
    assertEquals(
        Status.Code.UNKNOWN,
        check(channel, HealthCheckRequest.newBuilder().setService("broken").build()));
    awaitHeld(0);
    assertEquals(1, limiter.released());
  }

  @Test
  void aCallThatCannotBegin_holdsNoLonger() throws Exception {
    limiter.concurrency("at-once", 1, Duration.ofMinutes(1));
    ServerInterceptor broken =
        new ServerInterceptor() {
          @Override
          public <Q, R> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            throw new IllegalStateException("a bug");
          }
        };
    assertEquals(Status.Code.UNKNOWN, check(service(Duration.ofMinutes(1), broken), REQUEST));
    awaitHeld(0);
    assertEquals(1, limiter.released());
  }

  @Test
  void aLongStream_isRenewed() throws Exception {
    watch(service(Duration.ofMillis(300)));
    StreamObserver<HealthCheckResponse> stream = begun();
    await(() -> limiter.renewed() >= 3);
    stream.onCompleted();
    awaitHeld(0);
  }

  @Test
  void whoCancelsBeforeItsTurn_holdsNothing() throws Exception {
    limiter.admit(Duration.ofMillis(300));
    Context.CancellableContext caller = watch(service(Duration.ofMinutes(1)));
    awaitHeld(1);
    caller.cancel(null);
    awaitHeld(0);
    assertEquals(0, streams.size());
  }
}
