package io.limiter.server.grpc;

import com.google.rpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.limiter.server.api.ResponseCallback;
import io.limiter.server.grpc.caller.Callers;
import org.jspecify.annotations.Nullable;

/** Ends a unary call with its outcome. */
record ObserverCallback<T>(StreamObserver<T> out, int caller) implements ResponseCallback<T> {
  /** Of a call on the connection that is being read. */
  ObserverCallback(StreamObserver<T> out) {
    this(out, number(Connection.current()));
  }

  private static int number(@Nullable Connection connection) {
    return connection == null ? 0 : Callers.number(connection.number());
  }

  @Override
  public void onResponse(T response) {
    out.onNext(response);
    out.onCompleted();
  }

  @Override
  public void onFailure(Status status) {
    out.onError(Ended.by(status));
  }

  @Override
  public boolean isGone() {
    return out instanceof ServerCallStreamObserver<T> call && call.isCancelled();
  }
}
