package io.limiter.client;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** The service's end of one stream, in the test's hands. */
final class StreamFake implements StreamObserver<CheckAndConsumeRequest> {
  final BlockingQueue<CheckAndConsumeRequest> questions = new LinkedBlockingQueue<>();

  /** Reached when the client has half-closed. */
  final CountDownLatch halfClosed = new CountDownLatch(1);

  /** Reached when the client has cancelled. */
  final CountDownLatch cancelled = new CountDownLatch(1);

  final ServerCallStreamObserver<CheckAndConsumeResponse> replies;

  StreamFake(ServerCallStreamObserver<CheckAndConsumeResponse> replies) {
    this.replies = replies;
    replies.setOnCancelHandler(cancelled::countDown);
  }

  void answer(CheckAndConsumeRequest question, CheckAndConsumeResponse response) {
    replies.onNext(response.toBuilder().setRequestId(question.getRequestId()).build());
  }

  @Override
  public void onNext(CheckAndConsumeRequest question) {
    questions.add(question);
  }

  @Override
  public void onError(Throwable cancellation) {}

  @Override
  public void onCompleted() {
    halfClosed.countDown();
  }
}
