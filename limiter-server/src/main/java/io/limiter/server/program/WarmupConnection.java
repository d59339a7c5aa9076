package io.limiter.server.program;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

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

  private static final String[][] SHARED = {
    {":authority", "localhost"},
    {"content-type", "application/grpc"},
    {"te", "trailers"},
    {"user-agent", "grpc-warm-up"}
  };

  private final Socket socket = new Socket();
  private final OutputStream out;
  private final DataInputStream in;
  private int streams;

  /** A call: its method and its messages, each as it is on the wire. */
  record Call(String method, List<byte[]> messages) {}

  /**
   * Connects.
   *
   * @param patience for each thing that is waited for
   */
  WarmupConnection(InetSocketAddress target, Duration patience) throws IOException {
    int millis = Math.toIntExact(patience.toMillis());
    socket.setSoTimeout(millis);
    socket.setTcpNoDelay(true);
    socket.connect(target, millis);
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
      int stream = 2 * streams++ + 1;
      frame(HEADERS, END_HEADERS, stream, headers(call.method, stream == 1));
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
    }
    out.flush();
    for (int open = calls.size(); open > 0; ) {
      open -= read();
    }
  }

  /** Reads a frame, and returns how many calls it ends: 0 or 1. */
  private int read() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    in.readInt();
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
      case RST_STREAM -> {
        return 1;
      }
      default -> {
        return (type == HEADERS || type == DATA) && (flags & END_STREAM) != 0 ? 1 : 0;
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

  /** As HPACK has them. What all calls share stands in the table from the first one on. */
  private static byte[] headers(String method, boolean first) {
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    headers.write(0x83); // :method POST
    headers.write(0x86); // :scheme http
    literal(headers, 0, ":path", method);
    for (int i = 0; i < SHARED.length; i++) {
      if (first) {
        literal(headers, 0x40, SHARED[i][0], SHARED[i][1]);
      } else {
        headers.write(0x80 | (62 + SHARED.length - 1 - i));
      }
    }
    literal(headers, 0, "grpc-timeout", "10S");
    return headers.toByteArray();
  }

  private static void literal(ByteArrayOutputStream headers, int kind, String name, String value) {
    headers.write(kind);
    for (String text : new String[] {name, value}) {
      headers.write(text.length());
      headers.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
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
