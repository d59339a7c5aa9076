package io.limiter.jmh.load.wire;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.limiter.jmh.load.traffic.Prototype;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * The bytes of one call's request. Each slot has one and writes it anew for each question, so that
 * asking costs the generator neither objects nor the work of a serializer.
 */
final class Outgoing {
  static final MethodDescriptor.Marshaller<Outgoing> MARSHALLER =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(Outgoing request) {
          return new Sent(request.bytes, request.length);
        }

        @Override
        public Outgoing parse(InputStream stream) {
          throw new UnsupportedOperationException("requests are only sent");
        }
      };

  private byte[] bytes = new byte[256];
  private int length;

  void clear() {
    length = 0;
  }

  void append(Prototype prototype, int key) {
    int start = length;
    int end = start + prototype.bytes.length;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * end);
    }
    System.arraycopy(prototype.bytes, 0, bytes, start, prototype.bytes.length);
    for (int place : prototype.places) {
      fillIn(key, start + place);
    }
    for (int place : prototype.planPlaces) {
      fillIn(key % prototype.plans, start + place);
    }
    length = end;
  }

  private void fillIn(int number, int place) {
    int rest = number;
    for (int i = place + Prototype.PLACE.length() - 1; i >= place; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** Of known length and able to write itself, so that gRPC copies it only once. */
  private static final class Sent extends ByteArrayInputStream implements KnownLength, Drainable {
    Sent(byte[] bytes, int length) {
      super(bytes, 0, length);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int drained = count - pos;
      target.write(buf, pos, drained);
      pos = count;
      return drained;
    }
  }
}
