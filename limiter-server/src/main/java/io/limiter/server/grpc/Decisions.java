package io.limiter.server.grpc;

import io.grpc.stub.StreamObserver;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Request;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Reads, decides and answers single questions, for every kind of call that carries them. */
final class Decisions {
  private final Limiter limiter;
  private final RequestReader reader;

  Decisions(Limiter limiter, RequestReader reader) {
    this.limiter = limiter;
    this.reader = reader;
  }

  /** Answers a call's own question. */
  void answer(CheckAndConsumeRequest wire, StreamObserver<CheckAndConsumeResponse> out) {
    Request request;
    try {
      request = reader.question(wire);
    } catch (RuntimeException wrong) {
      out.onError(Failures.exception(wrong));
      return;
    }
    limiter
        .decide(request)
        .whenComplete(
            (verdict, failure) -> {
              if (failure == null) {
                out.onNext(ReplyWriter.reply(wire.getRequestId(), verdict));
                out.onCompleted();
              } else {
                out.onError(Failures.exception(failure));
              }
            });
  }

  /** One of a batch's questions. The stage never fails: the reply says the error. */
  CompletionStage<CheckAndConsumeResponse> batchEntry(CheckAndConsumeRequest wire) {
    return told(wire, () -> decide(wire, reader.question(wire)));
  }

  /** One of a stream's questions. The stage never fails: the reply says the error. */
  CompletionStage<CheckAndConsumeResponse> streamEntry(CheckAndConsumeRequest wire) {
    return told(wire, () -> decide(wire, reader.streamQuestion(wire)));
  }

  private CompletionStage<CheckAndConsumeResponse> decide(
      CheckAndConsumeRequest wire, Request request) {
    return limiter
        .decide(request)
        .thenApply(verdict -> ReplyWriter.reply(wire.getRequestId(), verdict));
  }

  private static CompletionStage<CheckAndConsumeResponse> told(
      CheckAndConsumeRequest wire, Supplier<CompletionStage<CheckAndConsumeResponse>> question) {
    CompletionStage<CheckAndConsumeResponse> reply;
    try {
      reply = question.get();
    } catch (RuntimeException failure) {
      return CompletableFuture.completedStage(error(wire, failure));
    }
    return reply.exceptionally(failure -> error(wire, failure));
  }

  private static CheckAndConsumeResponse error(CheckAndConsumeRequest wire, Throwable failure) {
    return ReplyWriter.reply(wire.getRequestId(), Failures.status(failure));
  }
}
