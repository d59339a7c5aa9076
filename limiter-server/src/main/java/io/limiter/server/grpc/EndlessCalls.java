package io.limiter.server.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.limiter.server.api.Failures;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends the calls that nobody else would: health watches and streams of reflection. A server that
 * shuts down waits for every call, and could not tell these from a question under way.
 */
final class EndlessCalls implements ServerInterceptor {
  private final Set<Endless<?, ?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  /** Ends those that are open, and those that come later at once. */
  void end() {
    ending = true;
    open.forEach(Endless::end);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    Endless<Q, A> endless = new Endless<>(call);
    ServerCall.Listener<Q> listener = next.startCall(endless, headers);
    open.add(endless);
    if (ending) {
      endless.end();
    }
    return new SimpleForwardingServerCallListener<Q>(listener) {
      @Override
      public void onComplete() {
        open.remove(endless);
        super.onComplete();
      }

      @Override
      public void onCancel() {
        open.remove(endless);
        super.onCancel();
      }
    };
  }

  /** A call that may be ended beside its service, which may go on and write to it. */
  private static final class Endless<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Object lock = new Object();

    @GuardedBy("lock")
    private boolean ended;

    Endless(ServerCall<Q, A> call) {
      super(call);
    }

    void end() {
      close(
          StatusProto.toStatusRuntimeException(Failures.shuttingDown()).getStatus(),
          new Metadata());
    }

    @Override
    public void sendHeaders(Metadata headers) {
      synchronized (lock) {
        if (!ended) {
          super.sendHeaders(headers);
        }
      }
    }

    @Override
    public void sendMessage(A message) {
      synchronized (lock) {
        if (!ended) {
          super.sendMessage(message);
        }
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      synchronized (lock) {
        if (!ended) {
          ended = true;
          super.close(status, trailers);
        }
      }
    }
  }
}
