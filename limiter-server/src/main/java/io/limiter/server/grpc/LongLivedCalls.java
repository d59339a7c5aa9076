package io.limiter.server.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.limiter.server.api.Failures;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends health watches and reflection streams at shutdown. A server that shuts down waits for every
 * call; these would never end by themselves.
 */
final class LongLivedCalls implements ServerInterceptor {
  private final Set<LongLived<?, ?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  /**
   * The service, whose calls this ends at shutdown. What it writes to a call that was ended for a
   * malformed message is dropped: reflection answers each cancellation with an error.
   *
   * @param most the most bytes that a message may have
   */
  ServerServiceDefinition watch(ServerServiceDefinition service, int most) {
    return ServerInterceptors.intercept(MalformedMessages.rejected(service, most), this);
  }

  /** Ends the open calls. A call that comes later ends at once. */
  void end() {
    ending = true;
    open.forEach(LongLived::end);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    LongLived<Q, A> longLived = new LongLived<>(call);
    ServerCall.Listener<Q> listener = next.startCall(longLived, headers);
    open.add(longLived);
    if (ending) {
      longLived.end();
    }
    return new SimpleForwardingServerCallListener<Q>(listener) {
      @Override
      public void onComplete() {
        open.remove(longLived);
        super.onComplete();
      }

      @Override
      public void onCancel() {
        open.remove(longLived);
        super.onCancel();
      }
    };
  }

  /** A call that may end while its service still writes to it. What it writes then is dropped. */
  private static final class LongLived<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Object lock = new Object();

    @GuardedBy("lock")
    private boolean ended;

    LongLived(ServerCall<Q, A> call) {
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
