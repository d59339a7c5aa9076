package io.limiter.server.grpc;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.rpc.RetryInfo;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.decide.DecisionListener;
import io.limiter.server.decide.FailureKind;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Limiters;
import io.limiter.server.decide.Verdict;
import io.limiter.server.grpc.load.EventLoopLag;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.fallback.RuleFallback;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that come while their event loop is busy, for longer than their callers can spare. */
@Timeout(60)
class LoadShedderTest {
  private static final long TIMEOUT_MILLIS = 200;
  private static final long LIMIT = 1_000_000;

  private final Busy counters = new Busy();
  private final List<FailureKind> failures = new CopyOnWriteArrayList<>();
  private final EventLoopGroup client =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  private @Nullable Service service;
  private @Nullable ManagedChannel channel;

  /** Keeps the event loop busy with some questions, each as long as a test wants. */
  private static final class Busy extends ForwardingCounterStore {
    final Queue<Gate> gates = new ConcurrentLinkedQueue<>();

    /** Whether a question was decided that had waited for too long on a busy event loop. */
    volatile boolean decidedLate;

    Busy() {
      super(LocalCounters.now());
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      Gate gate = gates.poll();
      if (gate != null) {
        gate.came.countDown();
        try {
          gate.mayGoOn.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      } else {
        decidedLate |=
            EventLoopLag.current()
                .isOverloaded(Connection.waitedNanos(), MILLISECONDS.toNanos(TIMEOUT_MILLIS));
      }
      return super.decide(charge);
    }

    Gate gate() {
      Gate gate = new Gate(new CountDownLatch(1), new CountDownLatch(1));
      gates.add(gate);
      return gate;
    }
  }

  private record Gate(CountDownLatch came, CountDownLatch mayGoOn) {}

  private Limiter limiter() {
    return Limiters.over(
        counters,
        new DecisionListener() {
          @Override
          public void decided(String domain, Verdict verdict, long tookNanos) {}

          @Override
          public void failed(String domain, FailureKind kind, long tookNanos) {
            assertTrue(tookNanos >= MILLISECONDS.toNanos(TIMEOUT_MILLIS / 4), tookNanos + " ns");
            failures.add(kind);
          }
        },
        Rules.yearly(LIMIT));
  }

  /** The client must not share the event loop that is kept busy. */
  private void serve(Limiter limiter) throws Exception {
    service = Service.over(RequestLimits.DEFAULTS, limiter);
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", service.server.port())
            .eventLoopGroup(client)
            .channelType(NioSocketChannel.class)
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() {
    if (channel != null) {
      channel.shutdownNow();
    }
    if (service != null) {
      service.close();
    }
    var unused = client.shutdownGracefully(0, 1, MILLISECONDS);
  }

  private ManagedChannel channel() {
    return Objects.requireNonNull(channel);
  }

  /** Says how long the caller waits, and waits for longer. */
  private static ClientInterceptor timeout(long millis) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER), millis + "m");
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private ListenableFuture<CheckAndConsumeResponse> ask(long timeoutMillis) {
    return RateLimiterGrpc.newFutureStub(channel())
        .withInterceptors(timeout(timeoutMillis))
        .checkAndConsume(Messages.question("u"));
  }

  private static void pass(long millis) {
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < MILLISECONDS.toNanos(millis)) {
      Thread.onSpinWait(); // that is how long an event loop is busy
    }
  }

  /** One question after the other keeps the event loop busy; calls come during the second. */
  private void whileBehind(Runnable calls) throws Exception {
    Gate one = counters.gate();
    Gate other = counters.gate();
    ListenableFuture<CheckAndConsumeResponse> first = ask(60_000);
    one.came.await();
    ListenableFuture<CheckAndConsumeResponse> second = ask(60_000);
    pass(TIMEOUT_MILLIS);
    one.mayGoOn.countDown();
    other.came.await();
    calls.run();
    pass(TIMEOUT_MILLIS / 2);
    other.mayGoOn.countDown();
    assertTrue(first.get().getAllowed());
    assertTrue(second.get().getAllowed());
  }

  /**
   * An event loop that takes a millisecond to look what there is, as one that is new on a busy
   * machine, counts as one that waited for it. So this goes on until a call is refused.
   */
  @Test
  void aCallThatWaitedForLong_isRefusedAtOnce_andNothingIsCharged_butOthersAreAnswered()
      throws Exception {
    serve(limiter());
    int admitted = 0;
    while (failures.isEmpty()) {
      List<ListenableFuture<?>> late = new ArrayList<>();
      whileBehind(
          () -> {
            late.add(ask(TIMEOUT_MILLIS));
            late.add(ask(60_000));
            late.add(
                HealthGrpc.newFutureStub(channel())
                    .withInterceptors(timeout(TIMEOUT_MILLIS))
                    .check(HealthCheckRequest.getDefaultInstance()));
          });
      admitted += 3;
      HealthCheckResponse health = (HealthCheckResponse) late.get(2).get();
      assertEquals(ServingStatus.SERVING, health.getStatus());
      assertTrue(((CheckAndConsumeResponse) late.get(1).get()).getAllowed());
      if (failures.isEmpty()) {
        assertTrue(((CheckAndConsumeResponse) late.get(0).get()).getAllowed());
        admitted++;
      } else {
        assertRefused(late.get(0));
      }
    }
    assertEquals(List.of(FailureKind.OVERLOADED), failures);
    assertEquals(LIMIT - admitted - 1, Messages.remaining(ask(60_000).get()));
  }

  private static void assertRefused(ListenableFuture<?> call) {
    StatusRuntimeException refusal =
        assertInstanceOf(
            StatusRuntimeException.class,
            assertThrows(ExecutionException.class, call::get).getCause());
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.getStatus().getCode());
    com.google.rpc.Status status = StatusProto.fromThrowable(refusal);
    assertTrue(status != null && status.getDetails(0).is(RetryInfo.class), refusal.toString());
  }

  @Test
  void whereRulesAnswerOverload_everyCallIsRead() throws Exception {
    serve(limiter().fallingBackOn(new RuleFallback(() -> 0, () -> 1, /* onOverload= */ true)));
    while (!counters.decidedLate) {
      List<ListenableFuture<CheckAndConsumeResponse>> late = new ArrayList<>();
      whileBehind(() -> late.add(ask(TIMEOUT_MILLIS)));
      assertTrue(late.get(0).get().getAllowed());
    }
    assertEquals(List.of(), failures);
  }
}
