package io.limiter.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.limiter.server.api.Failures;
import io.limiter.server.api.Violations;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends a call whose message cannot be read as one of its type with INVALID_ARGUMENT. gRPC itself
 * takes it for a defect of the service: it answers UNKNOWN and logs a stack for every such message,
 * so that whoever reaches the port could drown the log.
 *
 * <p>gRPC reads a message before anybody can catch what that throws. So what is thrown is passed on
 * in the message's place.
 */
final class UnreadableMessages {
  private UnreadableMessages() {}

  /** The service with such messages answered. */
  static ServerServiceDefinition answered(ServerServiceDefinition service) {
    List<ServerMethodDefinition<Object, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(answered(method)));
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder built = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(built::addMethod);
    return built.build();
  }

  private static <Q, A> ServerMethodDefinition<Object, A> answered(
      ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        descriptor.<Object, A>toBuilder(
                new Reader<>(descriptor.getRequestMarshaller()), descriptor.getResponseMarshaller())
            .build(),
        (call, headers) ->
            new Messages<>(call, method.getServerCallHandler().startCall(writing(call), headers)));
  }

  /** A call takes answers alone; of the questions it only knows the descriptor. */
  @SuppressWarnings("unchecked")
  private static <Q, A> ServerCall<Q, A> writing(ServerCall<Object, A> call) {
    return (ServerCall<Q, A>) (ServerCall<?, A>) call;
  }

  /** In the place of a message that cannot be read. */
  private record Unreadable(InvalidProtocolBufferException why) {}

  private record Reader<Q>(MethodDescriptor.Marshaller<Q> messages)
      implements MethodDescriptor.Marshaller<Object> {
    @Override
    public Object parse(InputStream in) {
      try {
        return messages.parse(in);
      } catch (StatusRuntimeException failure) {
        if (failure.getCause() instanceof InvalidProtocolBufferException why) {
          return new Unreadable(why);
        }
        throw failure;
      }
    }

    @Override
    @SuppressWarnings("unchecked")
    public InputStream stream(Object message) {
      return messages.stream((Q) message);
    }
  }

  /** Passes on what could be read, and ends the call at what could not. */
  private static final class Messages<Q, A> extends ServerCall.Listener<Object> {
    private final ServerCall<Object, A> call;
    private final ServerCall.Listener<Q> to;
    private boolean ended;

    Messages(ServerCall<Object, A> call, ServerCall.Listener<Q> to) {
      this.call = call;
      this.to = to;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void onMessage(Object message) {
      if (ended) {
        return;
      }
      if (message instanceof Unreadable unreadable) {
        ended = true;
        StatusRuntimeException told = told(call, unreadable.why);
        Metadata trailers = Status.trailersFromThrowable(told);
        call.close(told.getStatus(), trailers == null ? new Metadata() : trailers);
        // The call's method does not know yet, and might still write or end it.
        to.onCancel();
      } else {
        to.onMessage((Q) message);
      }
    }

    @Override
    public void onHalfClose() {
      if (!ended) {
        to.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      if (!ended) {
        to.onCancel();
      }
    }

    @Override
    public void onComplete() {
      if (!ended) {
        to.onComplete();
      }
    }

    @Override
    public void onReady() {
      if (!ended) {
        to.onReady();
      }
    }
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
