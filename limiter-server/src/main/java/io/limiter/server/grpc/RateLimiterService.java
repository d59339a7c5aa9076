package io.limiter.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.server.api.BatchReply;
import io.limiter.server.api.Decisions;
import io.limiter.server.api.ExplainReply;
import io.limiter.server.api.Failures;
import io.limiter.server.api.RequestLimits;
import io.limiter.server.api.RequestReader;
import io.limiter.server.decide.ExplainQuestion;
import io.limiter.server.decide.Limiter;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.RateLimiterGrpc;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The service {@code limiter.v1.RateLimiter}. Every method returns at once; answers go out on the
 * thread that completes them.
 */
final class RateLimiterService extends RateLimiterGrpc.RateLimiterImplBase {
  private final Limiter limiter;
  private final RequestReader reader;
  private final Decisions decisions;
  private final int streamInFlight;
  private final Set<DecisionStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean finishing;

  RateLimiterService(Limiter limiter, RequestLimits limits) {
    this.limiter = limiter;
    this.reader = new RequestReader(limits);
    this.decisions = new Decisions(limiter, reader);
    this.streamInFlight = limits.streamInFlight();
  }

  @Override
  public void checkAndConsume(
      CheckAndConsumeRequest wire, StreamObserver<CheckAndConsumeResponse> out) {
    decisions.answer(wire, out);
  }

  @Override
  public void checkAndConsumeBatch(
      CheckAndConsumeBatchRequest wire, StreamObserver<CheckAndConsumeBatchResponse> out) {
    answer(out, () -> new BatchReply(reader.entries(wire).size()).ask(wire, decisions));
  }

  @Override
  public StreamObserver<CheckAndConsumeRequest> checkAndConsumeStream(
      StreamObserver<CheckAndConsumeResponse> out) {
    DecisionStream stream =
        new DecisionStream(
            (ServerCallStreamObserver<CheckAndConsumeResponse>) out,
            decisions,
            streamInFlight,
            streams::remove);
    streams.add(stream);
    stream.start();
    if (finishing) {
      stream.finish();
    }
    return stream;
  }

  @Override
  public void refund(RefundRequest wire, StreamObserver<RefundResponse> out) {
    answer(
        out,
        () ->
            limiter
                .refund(reader.receipt(wire))
                .thenApply(done -> RefundResponse.newBuilder().setRefunded(done).build()));
  }

  @Override
  public void reset(ResetRequest wire, StreamObserver<ResetResponse> out) {
    answer(
        out,
        () -> {
          reader.check(wire);
          return limiter
              .reset(wire.getDomain(), wire.getAttributesMap(), List.copyOf(wire.getRulesList()))
              .thenApply(count -> ResetResponse.newBuilder().setCountersReset(count).build());
        });
  }

  /** Off the threads that decide: it looks at every rule, which may take longer than they have. */
  @Override
  public void explain(ExplainRequest wire, StreamObserver<ExplainResponse> out) {
    answer(
        out,
        () -> {
          ExplainQuestion question = reader.explainQuestion(wire);
          return CompletableFuture.supplyAsync(() -> limiter.explain(question))
              .thenCompose(explained -> explained)
              .thenApplyAsync(ExplainReply::of);
        });
  }

  /** Lets every stream answer what it took and end; streams that come later end at once. */
  void finish() {
    finishing = true;
    streams.forEach(DecisionStream::finish);
  }

  private static <T> void answer(StreamObserver<T> out, Supplier<CompletionStage<T>> question) {
    CompletionStage<T> reply;
    try {
      reply = question.get();
    } catch (RuntimeException failure) {
      out.onError(Failures.exception(failure));
      return;
    }
    reply.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            out.onNext(value);
            out.onCompleted();
          } else {
            out.onError(Failures.exception(failure));
          }
        });
  }
}
