package io.limiter.server.grpc;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Hears the one answer of a call. */
record One<A, T>(CompletableFuture<T> answer, Function<A, T> reading) implements StreamObserver<A> {
  @Override
  public void onNext(A value) {
    answer.complete(reading.apply(value));
  }

  @Override
  public void onError(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {}
}
