package io.limiter.server.program;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A connection that asks gRPC by the frames of HTTP/2, and only looks which calls have ended. A
 * client of gRPC would load more classes than the service itself, and take its processors.
 */
final class WarmupConnection implements Closeable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int CANCEL = 8;

  /** Go and Envoy code text as Huffman does; Java does so with long text only. */
  private static final int[] HUFFMAN_FROM = {0, 512};

  private static final int PING_EACH = 64;

  private final Socket socket;
  private final String scheme;
  private final OutputStream out;
  private final DataInputStream in;
  private final Http2HeadersEncoder encoder;
  private final Set<Integer> givenUp = new HashSet<>();
  private int streams;

  /**
   * A call.
   *
   * @param timeout as gRPC writes it
   * @param messages each as it is on the wire
   */
  record Call(String method, String timeout, List<byte[]> messages) {}

  /**
   * Connects.
   *
   * @param number of the connection: clients write headers in different ways
   * @param patience for each thing that is waited for
   */
  WarmupConnection(WarmupSockets target, int number, Duration patience) throws IOException {
    encoder =
        new DefaultHttp2HeadersEncoder(
            Http2HeadersEncoder.NEVER_SENSITIVE,
            /* ignoreMaxHeaderListSize= */ false,
            /* dynamicTableArraySizeHint= */ 16,
            HUFFMAN_FROM[number % HUFFMAN_FROM.length]);
    scheme = target.tls().isPresent() ? "https" : "http";
    socket = target.connect("h2", Math.toIntExact(patience.toMillis()));
    out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    // INITIAL_WINDOW_SIZE: whatever is answered may be sent at once.
    frame(SETTINGS, 0, 0, new byte[] {0, 4, 0x7f, -1, -1, -1});
    frame(WINDOW_UPDATE, 0, 0, new byte[] {0x7f, 0, 0, 0});
  }

  /**
   * Makes calls all at once, and returns when each of them has ended, however.
   *
   * @throws IOException when one has not ended in time, or the connection has
   */
  void ask(List<Call> calls) throws IOException {
    for (Call call : calls) {
      send(call);
    }
    // What clients send besides.
    frame(WINDOW_UPDATE, 0, 0, new byte[] {0, 0, 0, 100});
    if (streams % PING_EACH < calls.size()) {
      frame(PING, 0, 0, new byte[8]);
    }
    out.flush();
    for (int open = calls.size(); open > 0; ) {
      open -= read();
    }
  }

  /** Makes a call and gives it up. */
  void giveUp(Call call) throws IOException {
    int stream = send(call);
    givenUp.add(stream);
    frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, CANCEL});
    out.flush();
  }

  private int send(Call call) throws IOException {
    int stream = 2 * streams++ + 1;
    frame(HEADERS, END_HEADERS, stream, headers(stream, call));
    for (int i = 0; i < call.messages.size(); i++) {
      byte[] message = call.messages.get(i);
      byte[] framed =
          ByteBuffer.allocate(5 + message.length)
              .put((byte) 0)
              .putInt(message.length)
              .put(message)
              .array();
      frame(DATA, i == call.messages.size() - 1 ? END_STREAM : 0, stream, framed);
    }
    return stream;
  }

  /** Reads a frame, and returns how many calls it ends: 0 or 1. */
  private int read() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = new byte[length];
    in.readFully(payload);
    switch (type) {
      case SETTINGS, PING -> {
        if ((flags & ACK) == 0) {
          frame(type, ACK, 0, type == PING ? payload : new byte[0]);
          out.flush();
        }
        return 0;
      }
      case GOAWAY -> throw new EOFException("the warm-up's server goes away");
      default -> {
        boolean isEnd =
            type == RST_STREAM || ((type == HEADERS || type == DATA) && (flags & END_STREAM) != 0);
        return isEnd && !givenUp.contains(stream) ? 1 : 0;
      }
    }
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    out.write(
        ByteBuffer.allocate(9)
            .put((byte) (payload.length >> 16))
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .array());
    out.write(payload);
  }

  private byte[] headers(int stream, Call call) throws IOException {
    Http2Headers headers =
        new DefaultHttp2Headers(/* validate= */ false)
            .method("POST")
            .scheme(scheme)
            .authority("localhost")
            .path(call.method)
            .add("te", "trailers")
            .add("content-type", "application/grpc")
            .add("user-agent", "grpc-warm-up")
            .add("grpc-accept-encoding", "gzip")
            .add("grpc-timeout", call.timeout);
    ByteBuf encoded = PooledByteBufAllocator.DEFAULT.directBuffer();
    try {
      encoder.encodeHeaders(stream, headers, encoded);
      return ByteBufUtil.getBytes(encoded);
    } catch (Http2Exception impossible) {
      throw new IOException(impossible);
    } finally {
      encoded.release();
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException gone) {
      // As it should be.
    }
  }
}
