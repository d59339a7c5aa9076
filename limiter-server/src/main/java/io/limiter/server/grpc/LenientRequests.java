package io.limiter.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.limiter.envoy.service.RateLimitRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Reads Envoy's requests, also those with texts that are no UTF-8. Envoy copies header values as
 * they come, and a parser that refused one byte of them would let the sender of that byte choose
 * that there is no decision. Such bytes are read as U+FFFD.
 *
 * <p>A message is first read as any other. Only one that is refused is looked at again.
 */
final class LenientRequests implements MethodDescriptor.Marshaller<RateLimitRequest> {
  /** Kept by each event loop: most requests are smaller. */
  private static final ThreadLocal<byte[]> BUFFER = ThreadLocal.withInitial(() -> new byte[8_192]);

  private static final Shape ENTRY = new Shape(Set.of(1, 2), Map.of());
  private static final Shape DESCRIPTOR = new Shape(Set.of(), Map.of(1, ENTRY));
  private static final Shape REQUEST = new Shape(Set.of(1), Map.of(2, DESCRIPTOR));

  private final MethodDescriptor.Marshaller<RateLimitRequest> messages;

  LenientRequests(MethodDescriptor.Marshaller<RateLimitRequest> messages) {
    this.messages = messages;
  }

  /**
   * Where texts stand in a message.
   *
   * @param texts the numbers of fields that are texts
   * @param nested those of fields that are messages with texts
   */
  private record Shape(Set<Integer> texts, Map<Integer, Shape> nested) {}

  @Override
  public RateLimitRequest parse(InputStream in) {
    byte[] bytes = BUFFER.get();
    int length = 0;
    try {
      for (int read = 0; read >= 0; read = in.read(bytes, length, bytes.length - length)) {
        length += read;
        bytes = length == bytes.length ? Arrays.copyOf(bytes, 2 * length) : bytes;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      return RateLimitRequest.parser().parseFrom(bytes, 0, length);
    } catch (InvalidProtocolBufferException refused) {
      return mended(ByteString.copyFrom(bytes, 0, length), refused);
    }
  }

  private static RateLimitRequest mended(
      ByteString message, InvalidProtocolBufferException refused) {
    try {
      return RateLimitRequest.parseFrom(mended(message, REQUEST));
    } catch (InvalidProtocolBufferException e) {
      throw Status.INTERNAL.withDescription("no protobuf").withCause(refused).asRuntimeException();
    }
  }

  private static ByteString mended(ByteString message, Shape shape)
      throws InvalidProtocolBufferException {
    UnknownFieldSet.Builder all = UnknownFieldSet.newBuilder();
    for (Map.Entry<Integer, Field> one : UnknownFieldSet.parseFrom(message).asMap().entrySet()) {
      Shape nested = shape.nested.get(one.getKey());
      Field field = one.getValue();
      if (nested != null || shape.texts.contains(one.getKey())) {
        Field.Builder texts = Field.newBuilder();
        for (ByteString bytes : field.getLengthDelimitedList()) {
          texts.addLengthDelimited(
              nested == null
                  ? ByteString.copyFromUtf8(bytes.toStringUtf8())
                  : mended(bytes, nested));
        }
        field = texts.build();
      }
      all.addField(one.getKey(), field);
    }
    return all.build().toByteString();
  }

  @Override
  public InputStream stream(RateLimitRequest request) {
    return messages.stream(request);
  }
}
