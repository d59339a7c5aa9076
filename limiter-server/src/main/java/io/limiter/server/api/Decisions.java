package io.limiter.server.api;

import io.grpc.stub.StreamObserver;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Request;
import io.limiter.server.decide.Verdict;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads, decides and answers single questions, for every kind of call that carries them. */
public final class Decisions {
  private final Limiter limiter;
  private final RequestReader reader;

  public Decisions(Limiter limiter, RequestReader reader) {
    this.limiter = limiter;
    this.reader = reader;
  }

  /** Answers a call's own question. */
  public void answer(CheckAndConsumeRequest wire, StreamObserver<CheckAndConsumeResponse> out) {
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

  /** One of a batch's questions. It is always answered: the reply says the error. */
  void batchEntry(CheckAndConsumeRequest wire, Consumer<CheckAndConsumeResponse> out) {
    answerEntry(wire, reader::question, out);
  }

  /** One of a stream's questions. It is always answered: the reply says the error. */
  public void streamEntry(CheckAndConsumeRequest wire, Consumer<CheckAndConsumeResponse> out) {
    answerEntry(wire, reader::streamQuestion, out);
  }

  private void answerEntry(
      CheckAndConsumeRequest wire,
      Function<CheckAndConsumeRequest, Request> reading,
      Consumer<CheckAndConsumeResponse> out) {
    CompletionStage<Verdict> decision;
    try {
      decision = limiter.decide(reading.apply(wire));
    } catch (RuntimeException wrong) {
      out.accept(error(wire, wrong));
      return;
    }
    decision.whenComplete(
        (verdict, failure) ->
            out.accept(
                failure == null
                    ? ReplyWriter.reply(wire.getRequestId(), verdict)
                    : error(wire, failure)));
  }

  private static CheckAndConsumeResponse error(CheckAndConsumeRequest wire, Throwable failure) {
    return ReplyWriter.reply(wire.getRequestId(), Failures.status(failure));
  }
}
