package io.limiter.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.limiter.server.api.Failures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Ends a call whose message cannot be parsed, or is too large, with INVALID_ARGUMENT. gRPC itself
 * takes the first for a defect of the service: it answers UNKNOWN and logs a stack trace for every
 * such message. Whoever reaches the port could drown the log. To the second a service may have an
 * answer of its own.
 *
 * <p>gRPC parses a message before anybody can catch what the parser throws. So what is wrong is
 * passed on in the message's place.
 */
final class MalformedMessages {
  private MalformedMessages() {}

  /** Ends a call whose message is too large. */
  interface TooLarge<A> {
    /**
     * Writes an answer or a status.
     *
     * @param bytes the message's length, or what is known of it
     */
    void end(ServerCall<?, A> call, int bytes);
  }

  /** {@link #rejected(ServerServiceDefinition, int, Set)} without large calls. */
  static ServerServiceDefinition rejected(ServerServiceDefinition service, int most) {
    return rejected(service, most, /* large= */ Set.of());
  }

  /**
   * The service, which rejects such messages.
   *
   * @param most the most bytes that a message may have
   * @param large the full names of the methods whose calls are {@link LargeCalls}
   */
  static ServerServiceDefinition rejected(
      ServerServiceDefinition service, int most, Set<String> large) {
    return rejected(
        service,
        most,
        large,
        read -> read,
        (call, bytes) ->
            reject(
                call,
                Failures.tooLarge(call.getMethodDescriptor().getFullMethodName(), bytes, most)));
  }

  /**
   * The service, which reads and answers in its own way.
   *
   * @param large the full names of the methods whose calls are {@link LargeCalls}
   * @param reading what reads its requests, made of what gRPC would read them with
   * @param tooLarge ends a call with a message of more than {@code most} bytes
   */
  static <Q, A> ServerServiceDefinition rejected(
      ServerServiceDefinition service,
      int most,
      Set<String> large,
      UnaryOperator<MethodDescriptor.Marshaller<Q>> reading,
      TooLarge<A> tooLarge) {
    List<ServerMethodDefinition<Object, ?>> methods = new ArrayList<>();
    service
        .getMethods()
        .forEach(method -> methods.add(rejecting(typed(method), most, large, reading, tooLarge)));
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder built = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(built::addMethod);
    return built.build();
  }

  private static <Q, A> ServerMethodDefinition<Object, A> rejecting(
      ServerMethodDefinition<Q, A> method,
      int most,
      Set<String> large,
      UnaryOperator<MethodDescriptor.Marshaller<Q>> reading,
      TooLarge<A> tooLarge) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    boolean isLarge = large.contains(descriptor.getFullMethodName());
    MethodDescriptor.Marshaller<Object> reader =
        new Reader<>(reading.apply(descriptor.getRequestMarshaller()), most);
    return ServerMethodDefinition.create(
        descriptor.<Object, A>toBuilder(
                isLarge ? LargeCalls.unread(reader) : reader, descriptor.getResponseMarshaller())
            .build(),
        (call, headers) -> {
          Messages<Q, A> messages =
              new Messages<>(
                  call, method.getServerCallHandler().startCall(writing(call), headers), tooLarge);
          return isLarge ? LargeCalls.later(call, messages, reader) : messages;
        });
  }

  /** Whoever asks for a way of reading or answering has a service of one type of each. */
  @SuppressWarnings("unchecked")
  private static <Q, A> ServerMethodDefinition<Q, A> typed(ServerMethodDefinition<?, ?> method) {
    return (ServerMethodDefinition<Q, A>) method;
  }

  /** A call is only written to. Of the type of its requests it knows nothing but the descriptor. */
  @SuppressWarnings("unchecked")
  private static <Q, A> ServerCall<Q, A> writing(ServerCall<Object, A> call) {
    return (ServerCall<Q, A>) (ServerCall<?, A>) call;
  }

  /** Stands in for a message that cannot be parsed. */
  private record Malformed(InvalidProtocolBufferException why) {}

  /** Stands in for a message that is too large. */
  private record Oversized(int bytes) {}

  private record Reader<Q>(MethodDescriptor.Marshaller<Q> messages, int most)
      implements MethodDescriptor.Marshaller<Object> {
    @Override
    public Object parse(InputStream in) {
      if (!(in instanceof KnownLength)) {
        return compressed(in);
      }
      int bytes = available(in);
      return bytes > most ? new Oversized(bytes) : read(in);
    }

    /** How long it becomes is known when it is read: no further than it may be. */
    private Object compressed(InputStream in) {
      byte[] bytes;
      try {
        bytes = in.readNBytes(most + 1);
      } catch (IOException e) {
        return new Malformed(new InvalidProtocolBufferException(e));
      }
      return bytes.length > most
          ? new Oversized(bytes.length)
          : read(new ByteArrayInputStream(bytes));
    }

    private static int available(InputStream in) {
      try {
        return in.available();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Object read(InputStream in) {
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
    private final TooLarge<A> tooLarge;
    private boolean ended;

    Messages(ServerCall<Object, A> call, ServerCall.Listener<Q> to, TooLarge<A> tooLarge) {
      this.call = call;
      this.to = to;
      this.tooLarge = tooLarge;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void onMessage(Object message) {
      if (ended) {
        return;
      }
      if (message instanceof Malformed malformed) {
        ended = true;
        String method = call.getMethodDescriptor().getFullMethodName();
        reject(call, Failures.malformed(method, malformed.why.getMessage()));
        // The call's method does not know yet, and might still write or end it.
        to.onCancel();
      } else if (message instanceof Oversized oversized) {
        ended = true;
        tooLarge.end(call, oversized.bytes);
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

  /** Ends a call with a status and its details. */
  static void reject(ServerCall<?, ?> call, com.google.rpc.Status status) {
    Ended rejection = Ended.by(status);
    Metadata trailers = rejection.getTrailers();
    call.close(rejection.getStatus(), trailers == null ? new Metadata() : trailers);
  }
}
