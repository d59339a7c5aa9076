package io.limiter.server.grpc;

import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.limiter.server.api.Failures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Has calls with one large request read, asked and answered by the {@link BulkThread} of their
 * connection. To read a thousand questions and to write a thousand answers takes longer than an
 * event loop's other connections should wait.
 */
final class LargeCalls {
  private LargeCalls() {}

  /** Takes the bytes of a message, to be read later. */
  static MethodDescriptor.Marshaller<Object> unread(MethodDescriptor.Marshaller<Object> messages) {
    return new MethodDescriptor.Marshaller<>() {
      @Override
      public Object parse(InputStream in) {
        try {
          return in.readAllBytes();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public InputStream stream(Object message) {
        return messages.stream(message);
      }
    };
  }

  /** Passes the message on when all has been sent, on the thread for it. */
  static ServerCall.Listener<Object> later(
      ServerCall<?, ?> call,
      ServerCall.Listener<Object> to,
      MethodDescriptor.Marshaller<Object> messages) {
    Connection connection = Connection.current();
    return connection == null
        ? new Later(call, to, messages, Runnable::run)
        : new Later(call, to, messages, connection.bulk());
  }

  private static final class Later extends ServerCall.Listener<Object> {
    private final ServerCall<?, ?> call;
    private final ServerCall.Listener<Object> to;
    private final MethodDescriptor.Marshaller<Object> messages;
    private final Executor thread;
    private @Nullable Object unread;

    Later(
        ServerCall<?, ?> call,
        ServerCall.Listener<Object> to,
        MethodDescriptor.Marshaller<Object> messages,
        Executor thread) {
      this.call = call;
      this.to = to;
      this.messages = messages;
      this.thread = thread;
    }

    @Override
    public void onMessage(Object message) {
      unread = message;
    }

    @Override
    public void onHalfClose() {
      Object bytes = unread;
      unread = null;
      thread.execute(Context.current().wrap(() -> passOn(bytes)));
    }

    /** A defect ends the call, as gRPC has it where it calls itself; else nobody would. */
    private void passOn(@Nullable Object bytes) {
      try {
        if (bytes instanceof byte[] message) {
          to.onMessage(messages.parse(new ByteArrayInputStream(message)));
        }
        to.onHalfClose();
      } catch (RuntimeException | Error defect) {
        MalformedMessages.reject(call, Failures.status(defect));
        to.onCancel();
      }
    }

    @Override
    public void onCancel() {
      to.onCancel();
    }

    @Override
    public void onComplete() {
      to.onComplete();
    }

    @Override
    public void onReady() {
      to.onReady();
    }
  }
}
