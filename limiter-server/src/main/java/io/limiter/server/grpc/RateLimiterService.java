package io.limiter.server.grpc;

import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.server.access.Asker;
import io.limiter.server.api.Failures;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ObserveResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.ReleaseResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The service {@code limiter.v1.RateLimiter}: hands each call to the api. Every method returns at
 * once; responses leave on the thread that completes them.
 */
final class RateLimiterService extends RateLimiterGrpc.RateLimiterImplBase {
  /** Hears the rest of a stream that was refused. */
  private static final StreamObserver<CheckAndConsumeRequest> REFUSED =
      new StreamObserver<>() {
        @Override
        public void onNext(CheckAndConsumeRequest wire) {}

        @Override
        public void onError(Throwable gone) {}

        @Override
        public void onCompleted() {}
      };

  private final RateLimiterApi api;
  private final Supplier<Asker> who;
  private final Set<CheckStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /**
   * The service.
   *
   * @param who asks what is being asked on this thread
   */
  RateLimiterService(RateLimiterApi api, Supplier<Asker> who) {
    this.api = api;
    this.who = who;
  }

  @Override
  public void checkAndConsume(
      CheckAndConsumeRequest wire, StreamObserver<CheckAndConsumeResponse> out) {
    api.check(who.get(), wire, CallTime.waitNanos(), new ObserverCallback<>(out));
  }

  @Override
  public void checkAndConsumeBatch(
      CheckAndConsumeBatchRequest wire, StreamObserver<CheckAndConsumeBatchResponse> out) {
    Connection connection = Connection.current();
    api.checkBatch(
        who.get(),
        wire,
        CallTime.waitNanos(),
        connection == null
            ? Runnable::run
            : Context.current().fixedContextExecutor(connection.bulk()),
        new ObserverCallback<>(out));
  }

  @Override
  public StreamObserver<CheckAndConsumeRequest> checkAndConsumeStream(
      StreamObserver<CheckAndConsumeResponse> out) {
    Connection connection = Connection.current();
    if (connection != null && !connection.streams.take(1)) {
      out.onError(
          Ended.by(
              Failures.overloaded(
                  "%d streams of questions are open on this connection, as many as may; ask on these"
                      .formatted(connection.streams.held()))));
      return REFUSED;
    }
    CheckStream stream =
        new CheckStream(
            (ServerCallStreamObserver<CheckAndConsumeResponse>) out,
            api,
            who.get(),
            ended -> {
              if (streams.remove(ended) && connection != null) {
                connection.streams.giveBack(1);
              }
            });
    streams.add(stream);
    stream.start();
    if (draining) {
      stream.drain();
    }
    return stream;
  }

  @Override
  public void checkAny(CheckAnyRequest wire, StreamObserver<CheckAnyResponse> out) {
    api.checkAny(who.get(), wire, CallTime.waitNanos(), new ObserverCallback<>(out));
  }

  @Override
  public void refund(RefundRequest wire, StreamObserver<RefundResponse> out) {
    api.refund(who.get(), wire, new ObserverCallback<>(out));
  }

  @Override
  public void settle(SettleRequest wire, StreamObserver<SettleResponse> out) {
    api.holds().settle(who.get(), wire, CallTime.waitNanos(), new ObserverCallback<>(out));
  }

  @Override
  public void release(ReleaseRequest wire, StreamObserver<ReleaseResponse> out) {
    api.holds().release(who.get(), wire, CallTime.waitNanos(), new ObserverCallback<>(out));
  }

  @Override
  public void extend(ExtendRequest wire, StreamObserver<ExtendResponse> out) {
    api.holds().extend(who.get(), wire, CallTime.waitNanos(), new ObserverCallback<>(out));
  }

  @Override
  public void reset(ResetRequest wire, StreamObserver<ResetResponse> out) {
    api.reset(who.get(), wire, new ObserverCallback<>(out));
  }

  @Override
  public void observe(ObserveRequest wire, StreamObserver<ObserveResponse> out) {
    api.observe(who.get(), wire, new ObserverCallback<>(out));
  }

  @Override
  public void explain(ExplainRequest wire, StreamObserver<ExplainResponse> out) {
    api.explain(who.get(), wire, new ObserverCallback<>(out));
  }

  /** Drains every stream. A stream that comes later ends at once. */
  void drain() {
    draining = true;
    streams.forEach(CheckStream::drain);
  }
}
