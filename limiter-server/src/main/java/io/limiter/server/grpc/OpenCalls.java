package io.limiter.server.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the calls whose answers somebody waits for. A server cannot tell these from a health
 * watch, which never ends.
 */
final class OpenCalls implements ServerInterceptor {
  private final AtomicInteger open = new AtomicInteger();

  /** How many calls have begun and are not over. */
  int count() {
    return open.get();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    open.incrementAndGet();
    return new SimpleForwardingServerCallListener<Q>(listener) {
      @Override
      public void onComplete() {
        open.decrementAndGet();
        super.onComplete();
      }

      @Override
      public void onCancel() {
        open.decrementAndGet();
        super.onCancel();
      }
    };
  }
}
