package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** How the gRPC port ends. */
class GrpcShutdownTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final HeldStore held = new HeldStore();

  @Test
  void health_isServingUntilTheShutdownBegins() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(5))) {
      for (String name : List.of("", "limiter.v1.RateLimiter")) {
        assertEquals(
            ServingStatus.SERVING,
            HealthGrpc.newBlockingStub(service.channel).check(health(name)).getStatus());
      }
      Watch watch = new Watch();
      HealthGrpc.newStub(service.channel).watch(health("limiter.v1.RateLimiter"), watch);
      assertEquals(ServingStatus.SERVING, watch.next());
      var answer = new CompletableFuture<CheckAndConsumeResponse>();
      service.askAsync().checkAndConsume(question("a"), new One<>(answer, r -> r));
      HeldStore.Question waiting = held.next();
      CompletableFuture<Void> stopped = shutdown(service, LONG);
      assertEquals(ServingStatus.NOT_SERVING, watch.next());
      assertFalse(stopped.isDone(), "a question is still open");
      waiting.answer();
      assertTrue(answer.get(20, TimeUnit.SECONDS).getAllowed());
      stopped.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void drain_servesOnWhileHealthSaysOtherwise() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(5))) {
      Watch watch = new Watch();
      HealthGrpc.newStub(service.channel).watch(health(""), watch);
      assertEquals(ServingStatus.SERVING, watch.next());
      Thread stopping = new Thread(() -> service.server.shutdown(Duration.ofDays(1), LONG));
      stopping.start();
      assertEquals(ServingStatus.NOT_SERVING, watch.next());
      var answer = new CompletableFuture<CheckAndConsumeResponse>();
      service.askAsync().checkAndConsume(question("a"), new One<>(answer, r -> r));
      held.next().answer();
      assertTrue(answer.get(20, TimeUnit.SECONDS).getAllowed());
      stopping.interrupt();
      stopping.join();
    }
  }

  @Test
  void shutdown_answersWhatItTookAndTakesNoMore() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(5))) {
      var answer = new CompletableFuture<CheckAndConsumeResponse>();
      service.askAsync().checkAndConsume(question("call"), new One<>(answer, r -> r));
      HeldStore.Question call = held.next();
      Replies replies = new Replies(true);
      var stream = service.askAsync().checkAndConsumeStream(replies);
      stream.onNext(question("taken"));
      HeldStore.Question taken = held.next();
      Watch watch = new Watch();
      HealthGrpc.newStub(service.channel).watch(health(""), watch);
      watch.next();

      CompletableFuture<Void> stopped = shutdown(service, LONG);
      CheckAndConsumeResponse refused = refusedOnStream(stream, replies);
      assertEquals(14, refused.getError().getCode());
      assertEquals(
          "the service is shutting down; ask another instance", refused.getError().getMessage());
      assertEquals(Status.Code.UNAVAILABLE, refusalOfACall(service));
      assertFalse(stopped.isDone());
      assertFalse(replies.ended());

      taken.answer();
      assertEquals("taken", answered(replies).getRequestId());
      Status end = replies.end();
      assertEquals(Status.Code.UNAVAILABLE, end.getCode());
      assertEquals("the service is shutting down; ask another instance", end.getDescription());
      call.answer();
      assertTrue(answer.get(20, TimeUnit.SECONDS).getAllowed());
      stopped.get(20, TimeUnit.SECONDS);
    }
  }

  /** A client may ask until it has heard of the end: what it asks has been accepted. */
  @Test
  void shutdown_answersAClientThatHasNotHeardOfItYet() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(5));
        HoldingLink link = new HoldingLink(service.server.port())) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", link.port()).usePlaintext().build();
      RateLimiterGrpc.RateLimiterStub asking = RateLimiterGrpc.newStub(channel);
      var before = new CompletableFuture<CheckAndConsumeResponse>();
      asking.checkAndConsume(question("before"), new One<>(before, r -> r));
      held.next().answer();
      before.get(20, TimeUnit.SECONDS);

      link.hold();
      CompletableFuture<Void> stopped = shutdown(service, LONG);
      // Nothing is under way, and still it is not over: it never is while the link holds.
      assertThrows(TimeoutException.class, () -> stopped.get(1, TimeUnit.SECONDS));
      var answer = new CompletableFuture<CheckAndConsumeResponse>();
      asking.checkAndConsume(question("a"), new One<>(answer, r -> r));
      held.next().answer();
      link.release();
      assertTrue(answer.get(20, TimeUnit.SECONDS).getAllowed());
      stopped.get(20, TimeUnit.SECONDS);
      channel.shutdownNow();
    }
  }

  @Test
  void shutdown_endsWatchesAndTellsThemSo() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(5))) {
      var health = new CompletableFuture<Throwable>();
      var reflection = new CompletableFuture<Throwable>();
      Watch watch = new Watch(health);
      HealthGrpc.newStub(service.channel).watch(health(""), watch);
      assertEquals(ServingStatus.SERVING, watch.next());
      StreamObserver<ServerReflectionRequest> questions =
          ServerReflectionGrpc.newStub(service.channel)
              .serverReflectionInfo(new Ended<>(reflection));
      questions.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
      service.server.shutdown(LONG);
      assertEquals(ServingStatus.NOT_SERVING, watch.next());
      for (CompletableFuture<Throwable> end : List.of(health, reflection)) {
        Status status = Status.fromThrowable(end.get(20, TimeUnit.SECONDS));
        assertEquals(Status.Code.UNAVAILABLE, status.getCode());
        assertEquals("the service is shutting down; ask another instance", status.getDescription());
      }
    }
  }

  @Test
  void shutdown_cutsWhatIsStillOpenAfterTheGrace() throws Exception {
    try (Service service = Service.over(held, Rules.yearly(5))) {
      var answer = new CompletableFuture<CheckAndConsumeResponse>();
      service.askAsync().checkAndConsume(question("stuck"), new One<>(answer, r -> r));
      held.next();
      service.server.shutdown(Duration.ofMillis(1));
      assertThrows(Exception.class, () -> answer.get(20, TimeUnit.SECONDS));
    }
  }

  private static CompletableFuture<Void> shutdown(Service service, Duration grace) {
    return CompletableFuture.runAsync(() -> service.server.shutdown(grace));
  }

  /** Asks on the stream until it refuses; what it took before then is answered. */
  private CheckAndConsumeResponse refusedOnStream(
      StreamObserver<CheckAndConsumeRequest> stream, Replies replies) throws InterruptedException {
    for (int i = 0; ; i++) {
      int before = held.asked();
      stream.onNext(question("probe" + i));
      while (held.asked() == before && replies.waiting() == 0) {
        Thread.onSpinWait();
      }
      if (replies.waiting() > 0) {
        return replies.next();
      }
      held.next().answer();
      replies.next();
    }
  }

  /** Calls until a call is refused: a connection hears of the shutdown a moment after it began. */
  private static Status.Code refusalOfACall(Service service) {
    while (true) {
      try {
        service.ask().checkAndConsume(question("late").toBuilder().setDomain("other").build());
      } catch (StatusRuntimeException refused) {
        return refused.getStatus().getCode();
      }
    }
  }

  private static CheckAndConsumeResponse answered(Replies replies) throws InterruptedException {
    CheckAndConsumeResponse reply = replies.next();
    return reply.hasError() ? answered(replies) : reply;
  }

  private static HealthCheckRequest health(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  private static CheckAndConsumeRequest question(String id) {
    return CheckAndConsumeRequest.newBuilder()
        .setDomain("edge")
        .putAttributes("user", id)
        .setRequestId(id)
        .build();
  }

  /** What a health watch hears. */
  private static final class Watch implements StreamObserver<HealthCheckResponse> {
    private final BlockingQueue<ServingStatus> heard = new LinkedBlockingQueue<>();
    private final CompletableFuture<Throwable> end;

    Watch() {
      this(new CompletableFuture<>());
    }

    Watch(CompletableFuture<Throwable> end) {
      this.end = end;
    }

    ServingStatus next() throws InterruptedException {
      ServingStatus status = heard.poll(20, TimeUnit.SECONDS);
      if (status == null) {
        throw new AssertionError("the watch heard nothing");
      }
      return status;
    }

    @Override
    public void onNext(HealthCheckResponse response) {
      heard.add(response.getStatus());
    }

    @Override
    public void onError(Throwable cut) {
      end.complete(cut);
    }

    @Override
    public void onCompleted() {}
  }

  /** Hears what a call failed with. */
  private record Ended<A>(CompletableFuture<Throwable> failure) implements StreamObserver<A> {
    @Override
    public void onNext(A value) {}

    @Override
    public void onError(Throwable cut) {
      failure.complete(cut);
    }

    @Override
    public void onCompleted() {}
  }
}
