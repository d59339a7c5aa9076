package io.limiter.client.grpc;

import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.limiter.client.hold.Permit;

/** A call that gives its permit back when it is over, whoever ends it. */
final class PermitCall<Q, R> extends ForwardingServerCall.SimpleForwardingServerCall<Q, R> {
  private final Permit permit;

  PermitCall(ServerCall<Q, R> call, Permit permit) {
    super(call);
    this.permit = permit;
  }

  @Override
  public void close(Status status, Metadata trailers) {
    // The server's work is done, however long the caller reads.
    permit.close();
    super.close(status, trailers);
  }

  /** Hears of an end that the server's code did not bring about. */
  ServerCall.Listener<Q> watching(ServerCall.Listener<Q> listener) {
    return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onCancel() {
        permit.close();
        super.onCancel();
      }

      @Override
      public void onComplete() {
        permit.close();
        super.onComplete();
      }
    };
  }
}
