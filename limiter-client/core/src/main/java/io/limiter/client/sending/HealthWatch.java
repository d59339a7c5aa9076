package io.limiter.client.sending;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.limiter.v1.RateLimiterGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * One call of gRPC's standard {@code grpc.health.v1.Health/Watch} on one connection. Its two
 * messages have one field each, so they are read and written here: their library is larger than the
 * rest of the client.
 */
final class HealthWatch extends ClientCall.Listener<Boolean> {
  private static final int SERVICE = 1;
  private static final int STATUS = 1;
  private static final int SERVING = 1;

  private static final MethodDescriptor<String, Boolean> METHOD =
      MethodDescriptor.<String, Boolean>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName("grpc.health.v1.Health/Watch")
          .setRequestMarshaller(new Request())
          .setResponseMarshaller(new Response())
          .build();

  private final ClientCall<String, Boolean> call;
  private final Consumer<Boolean> said;
  private final Consumer<Status> ended;

  private HealthWatch(
      ClientCall<String, Boolean> call, Consumer<Boolean> said, Consumer<Status> ended) {
    this.call = call;
    this.said = said;
    this.ended = ended;
  }

  /**
   * Begins to watch.
   *
   * @param said told whether the service serves: at once, and whenever that changes
   * @param ended told how the call ended
   */
  static HealthWatch start(Channel channel, Consumer<Boolean> said, Consumer<Status> ended) {
    ClientCall<String, Boolean> call = channel.newCall(METHOD, CallOptions.DEFAULT);
    HealthWatch watch = new HealthWatch(call, said, ended);
    call.start(watch, new Metadata());
    call.sendMessage(RateLimiterGrpc.SERVICE_NAME);
    call.halfClose();
    call.request(1);
    return watch;
  }

  void stop() {
    call.cancel("the connection is over", null);
  }

  @Override
  public void onMessage(Boolean serving) {
    said.accept(serving);
    call.request(1);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    ended.accept(status);
  }

  /** {@code HealthCheckRequest { string service = 1; }}. */
  private static final class Request implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String service) {
      byte[] name = service.getBytes(StandardCharsets.UTF_8);
      byte[] message = new byte[name.length + 2];
      message[0] = (byte) (SERVICE << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
      message[1] = (byte) name.length;
      System.arraycopy(name, 0, message, 2, name.length);
      return new ByteArrayInputStream(message);
    }

    @Override
    public String parse(InputStream message) {
      throw new UnsupportedOperationException("only a server reads it");
    }
  }

  /** {@code HealthCheckResponse { ServingStatus status = 1; }}. */
  private static final class Response implements MethodDescriptor.Marshaller<Boolean> {
    @Override
    public InputStream stream(Boolean serving) {
      throw new UnsupportedOperationException("only a server writes it");
    }

    @Override
    public Boolean parse(InputStream message) {
      try {
        CodedInputStream in = CodedInputStream.newInstance(message);
        boolean serving = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          if (tag == (STATUS << 3 | WireFormat.WIRETYPE_VARINT)) {
            serving = in.readEnum() == SERVING;
          } else {
            in.skipField(tag);
          }
        }
        return serving;
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }
  }
}
