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
import io.grpc.protobuf.StatusProto;
import io.limiter.server.api.Failures;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends a call whose message cannot be parsed with INVALID_ARGUMENT. gRPC itself takes it for a
 * defect of the service: it answers UNKNOWN and logs a stack trace for every such message. Whoever
 * reaches the port could drown the log.
 *
 * <p>gRPC parses a message before anybody can catch what the parser throws. So the exception is
 * passed on in the message's place.
 */
final class MalformedMessages {
  private MalformedMessages() {}

  /** The service, which rejects such messages. */
  static ServerServiceDefinition rejected(ServerServiceDefinition service) {
    List<ServerMethodDefinition<Object, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(rejecting(method)));
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder built = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(built::addMethod);
    return built.build();
  }

  private static <Q, A> ServerMethodDefinition<Object, A> rejecting(
      ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        descriptor.<Object, A>toBuilder(
                new Reader<>(descriptor.getRequestMarshaller()), descriptor.getResponseMarshaller())
            .build(),
        (call, headers) ->
            new Messages<>(call, method.getServerCallHandler().startCall(writing(call), headers)));
  }

  /** A call is only written to. Of the type of its requests it knows nothing but the descriptor. */
  @SuppressWarnings("unchecked")
  private static <Q, A> ServerCall<Q, A> writing(ServerCall<Object, A> call) {
    return (ServerCall<Q, A>) (ServerCall<?, A>) call;
  }

  /** Stands in for a message that cannot be parsed. */
  private record Malformed(InvalidProtocolBufferException why) {}

  private record Reader<Q>(MethodDescriptor.Marshaller<Q> messages)
      implements MethodDescriptor.Marshaller<Object> {
    @Override
    public Object parse(InputStream in) {
      try {
        return messages.parse(in);
      } catch (StatusRuntimeException failure) {
        if (failure.getCause() instanceof InvalidProtocolBufferException why) {
          return new Malformed(why);
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

  /** Passes messages on, and ends the call at one that cannot be parsed. */
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
      if (message instanceof Malformed malformed) {
        ended = true;
        StatusRuntimeException rejection = rejection(call, malformed.why);
        Metadata trailers = Status.trailersFromThrowable(rejection);
        call.close(rejection.getStatus(), trailers == null ? new Metadata() : trailers);
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

  private static StatusRuntimeException rejection(
      ServerCall<?, ?> call, InvalidProtocolBufferException why) {
    return StatusProto.toStatusRuntimeException(
        Failures.malformed(call.getMethodDescriptor().getFullMethodName(), why.getMessage()));
  }
}
