package io.limiter.server.grpc;

import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.server.api.ResponseCallback;

/** Ends a unary call with its outcome. */
record ObserverCallback<T>(StreamObserver<T> out) implements ResponseCallback<T> {
  @Override
  public void onResponse(T response) {
    out.onNext(response);
    out.onCompleted();
  }

  @Override
  public void onFailure(Status status) {
    out.onError(StatusProto.toStatusRuntimeException(status));
  }

  @Override
  public boolean isGone() {
    return out instanceof ServerCallStreamObserver<T> call && call.isCancelled();
  }
}
