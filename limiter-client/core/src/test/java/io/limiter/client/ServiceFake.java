package io.limiter.client;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
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
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The service's end of the wire, in the test's hands: every call waits in a queue until the test
 * answers it.
 */
final class ServiceFake extends RateLimiterGrpc.RateLimiterImplBase implements AutoCloseable {
  /** Long enough for any machine; a test that passes never waits so long. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A call that waits for the test to answer it. */
  record Asked<Q, R>(Q question, StreamObserver<R> replies) {
    void answer(R response) {
      replies.onNext(response);
      replies.onCompleted();
    }
  }

  final BlockingQueue<Asked<CheckAndConsumeRequest, CheckAndConsumeResponse>> checks =
      new LinkedBlockingQueue<>();
  final BlockingQueue<Asked<CheckAndConsumeBatchRequest, CheckAndConsumeBatchResponse>> batches =
      new LinkedBlockingQueue<>();
  final BlockingQueue<StreamFake> streams = new LinkedBlockingQueue<>();
  final BlockingQueue<Asked<RefundRequest, RefundResponse>> refunds = new LinkedBlockingQueue<>();
  final BlockingQueue<Asked<ResetRequest, ResetResponse>> resets = new LinkedBlockingQueue<>();

  final BlockingQueue<Asked<CheckAnyRequest, CheckAnyResponse>> choices =
      new LinkedBlockingQueue<>();
  final BlockingQueue<Asked<ObserveRequest, ObserveResponse>> observations =
      new LinkedBlockingQueue<>();
  final BlockingQueue<Asked<SettleRequest, SettleResponse>> settlements =
      new LinkedBlockingQueue<>();
  final BlockingQueue<Asked<ReleaseRequest, ReleaseResponse>> releases =
      new LinkedBlockingQueue<>();
  final BlockingQueue<Asked<ExtendRequest, ExtendResponse>> renewals = new LinkedBlockingQueue<>();

  private final Server server;
  private final ManagedChannel channel;

  ServiceFake() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(this).build().start();
    channel = InProcessChannelBuilder.forName(name).disableRetry().build();
  }

  /** Settings whose deadline no test reaches unless it sets another. */
  LimiterClientBuilder client() {
    return LimiterClient.over(channel).deadline(PATIENCE);
  }

  ManagedChannel channel() {
    return channel;
  }

  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing came within " + PATIENCE);
    }
    return next;
  }

  static CheckAndConsumeResponse admitted() {
    return CheckAndConsumeResponse.newBuilder()
        .setAllowed(true)
        .setSource(io.limiter.v1.Source.REDIS)
        .build();
  }

  static CheckAndConsumeResponse denied() {
    return CheckAndConsumeResponse.newBuilder().setSource(io.limiter.v1.Source.REDIS).build();
  }

  @Override
  public void checkAndConsume(
      CheckAndConsumeRequest question, StreamObserver<CheckAndConsumeResponse> replies) {
    checks.add(new Asked<>(question, replies));
  }

  @Override
  public void checkAndConsumeBatch(
      CheckAndConsumeBatchRequest question, StreamObserver<CheckAndConsumeBatchResponse> replies) {
    batches.add(new Asked<>(question, replies));
  }

  @Override
  public StreamObserver<CheckAndConsumeRequest> checkAndConsumeStream(
      StreamObserver<CheckAndConsumeResponse> replies) {
    StreamFake stream = new StreamFake((ServerCallStreamObserver<CheckAndConsumeResponse>) replies);
    streams.add(stream);
    return stream;
  }

  @Override
  public void refund(RefundRequest question, StreamObserver<RefundResponse> replies) {
    refunds.add(new Asked<>(question, replies));
  }

  @Override
  public void reset(ResetRequest question, StreamObserver<ResetResponse> replies) {
    resets.add(new Asked<>(question, replies));
  }

  @Override
  public void checkAny(CheckAnyRequest question, StreamObserver<CheckAnyResponse> replies) {
    choices.add(new Asked<>(question, replies));
  }

  @Override
  public void observe(ObserveRequest question, StreamObserver<ObserveResponse> replies) {
    observations.add(new Asked<>(question, replies));
  }

  @Override
  public void settle(SettleRequest question, StreamObserver<SettleResponse> replies) {
    settlements.add(new Asked<>(question, replies));
  }

  @Override
  public void release(ReleaseRequest question, StreamObserver<ReleaseResponse> replies) {
    releases.add(new Asked<>(question, replies));
  }

  @Override
  public void extend(ExtendRequest question, StreamObserver<ExtendResponse> replies) {
    renewals.add(new Asked<>(question, replies));
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
