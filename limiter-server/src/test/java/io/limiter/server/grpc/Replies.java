package io.limiter.server.grpc;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a stream's client hears. With {@code reading} false, it takes no reply until asked to. */
final class Replies
    implements ClientResponseObserver<CheckAndConsumeRequest, CheckAndConsumeResponse> {
  private final boolean reading;
  private final BlockingQueue<CheckAndConsumeResponse> replies = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final CompletableFuture<ClientCallStreamObserver<CheckAndConsumeRequest>> call =
      new CompletableFuture<>();

  Replies(boolean reading) {
    this.reading = reading;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<CheckAndConsumeRequest> stream) {
    if (!reading) {
      stream.disableAutoRequestWithInitial(0);
    }
    call.complete(stream);
  }

  void read(int count) {
    call.join().request(count);
  }

  CheckAndConsumeResponse next() throws InterruptedException {
    CheckAndConsumeResponse reply = replies.poll(20, TimeUnit.SECONDS);
    if (reply == null) {
      throw new AssertionError("no reply came");
    }
    return reply;
  }

  int waiting() {
    return replies.size();
  }

  boolean ended() {
    return end.isDone();
  }

  /** How the stream ended; waits for it. */
  Status end() {
    return end.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public void onNext(CheckAndConsumeResponse reply) {
    replies.add(reply);
  }

  @Override
  public void onError(Throwable failure) {
    end.complete(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }
}
