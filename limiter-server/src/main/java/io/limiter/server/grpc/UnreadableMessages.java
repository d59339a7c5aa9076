package io.limiter.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Ends a call whose message cannot be read as one of its type with INVALID_ARGUMENT. gRPC itself
 * takes it for a defect of the service: it answers UNKNOWN and logs a stack for every such message,
 * so that whoever reaches the port could drown the log.
 */
final class UnreadableMessages implements ServerInterceptor {
  private UnreadableMessages() {}

  /** The service with such messages answered. */
  static ServerServiceDefinition answered(ServerServiceDefinition service) {
    // Only so is a message read inside the interceptors, where what is thrown can be caught.
    return ServerInterceptors.intercept(
        ServerInterceptors.useInputStreamMessages(service), new UnreadableMessages());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new SimpleForwardingServerCallListener<Q>(next.startCall(call, headers)) {
      private boolean ended;

      @Override
      public void onMessage(Q message) {
        if (ended) {
          return;
        }
        try {
          super.onMessage(message);
        } catch (StatusRuntimeException failure) {
          if (!(failure.getCause() instanceof InvalidProtocolBufferException unreadable)) {
            throw failure;
          }
          ended = true;
          StatusRuntimeException told = told(call, unreadable);
          Metadata trailers = Status.trailersFromThrowable(told);
          call.close(told.getStatus(), trailers == null ? new Metadata() : trailers);
          // The call's method does not know yet, and might still write or end it.
          super.onCancel();
        }
      }

      @Override
      public void onHalfClose() {
        if (!ended) {
          super.onHalfClose();
        }
      }

      @Override
      public void onCancel() {
        if (!ended) {
          super.onCancel();
        }
      }

      @Override
      public void onComplete() {
        if (!ended) {
          super.onComplete();
        }
      }

      @Override
      public void onReady() {
        if (!ended) {
          super.onReady();
        }
      }
    };
  }

  private static StatusRuntimeException told(
      ServerCall<?, ?> call, InvalidProtocolBufferException unreadable) {
    Violations violations = new Violations();
    violations.add(
        "message",
        "to %s cannot be read: %s; encode it as limiter.proto says"
            .formatted(call.getMethodDescriptor().getFullMethodName(), unreadable.getMessage()));
    return Failures.exception(violations.refusal());
  }
}
