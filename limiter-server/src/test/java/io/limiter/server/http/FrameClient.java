package io.limiter.server.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of HTTP/2 that sends the frames that it is told to, and no others. */
final class FrameClient implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  /** A test that waits for what does not come is to fail, not to hang. */
  static final int PATIENCE_MILLIS = 30_000;

  static final int END_STREAM = 1;
  private static final int INITIAL_WINDOW = 65_535;

  /** Many times what any body may have. */
  private static final int MOST_BYTES = 64 << 20;

  private static final String PART = " ".repeat(8_192);
  private static final int END_HEADERS = 4;
  private static final int PRIORITY = 32;
  private static final int PRIORITY_BYTES = 5;
  static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private int streams;

  /** A frame that came. */
  record Frame(int type, int flags, int stream, ByteBuffer payload, String status) {
    boolean ends() {
      return type == RST_STREAM || (type <= HEADERS && (flags & END_STREAM) != 0);
    }

    int code() {
      return payload.getInt(type == GOAWAY ? 4 : 0);
    }
  }

  /**
   * Says that it speaks HTTP/2.
   *
   * @param window what each stream may be sent at first
   */
  FrameClient(Socket socket, int window) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    out.write(PREFACE.getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, ByteBuffer.allocate(6).putShort((short) 4).putInt(window).array());
    out.flush();
  }

  /** Opens a stream, and gives its number. */
  int open(String method, String path, boolean ends, String... headers) throws IOException {
    int stream = 2 * streams++ + 1;
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    literal(block, ":method", method);
    literal(block, ":scheme", "https");
    literal(block, ":path", path);
    literal(block, ":authority", "localhost");
    for (int i = 0; i < headers.length; i += 2) {
      literal(block, headers[i], headers[i + 1]);
    }
    frame(HEADERS, END_HEADERS | (ends ? END_STREAM : 0), stream, block.toByteArray());
    return stream;
  }

  /** Opens a stream, and sends a question on it. */
  int check(String body) throws IOException {
    int stream = open("POST", "/v1/check", false, "content-type", "application/json");
    data(stream, body, true);
    return stream;
  }

  void data(int stream, String text, boolean ends) throws IOException {
    frame(DATA, ends ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Sends a body that does not end, as flow control lets it, until its stream is reset.
   *
   * @return what came on the stream
   */
  List<Frame> dataUntilReset(int stream) throws IOException {
    List<Frame> frames = new ArrayList<>();
    int ofStream = INITIAL_WINDOW;
    int ofConnection = INITIAL_WINDOW;
    int sent = 0;
    while (sent < MOST_BYTES) {
      while (Math.min(ofStream, ofConnection) >= PART.length()) {
        data(stream, PART, false);
        ofStream -= PART.length();
        ofConnection -= PART.length();
        sent += PART.length();
      }
      flush();
      Frame frame = read();
      if (frame == null) {
        throw new EOFException("the connection ended with stream " + stream);
      }
      if (frame.type == WINDOW_UPDATE && frame.stream == 0) {
        ofConnection += frame.code();
      } else if (frame.type == WINDOW_UPDATE && frame.stream == stream) {
        ofStream += frame.code();
      } else if (frame.stream == stream) {
        frames.add(frame);
        if (frame.type == RST_STREAM) {
          return frames;
        }
      }
    }
    throw new IOException(sent + " bytes were taken on stream " + stream);
  }

  void reset(int stream) throws IOException {
    frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
  }

  void flush() throws IOException {
    out.flush();
  }

  /** The next frame; null when the connection has ended. */
  @Nullable Frame read() throws IOException {
    try {
      int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = new byte[length];
      in.readFully(payload);
      return new Frame(
          type,
          flags,
          stream,
          ByteBuffer.wrap(payload),
          type == HEADERS ? status(stream, flags, payload) : "");
    } catch (EOFException | SocketException ended) {
      return null;
    }
  }

  /** The frames of a stream, until it ends. Those of others are passed over. */
  List<Frame> readAll(int stream) throws IOException {
    List<Frame> frames = new ArrayList<>();
    while (true) {
      Frame frame = read();
      if (frame == null) {
        throw new EOFException("the connection ended before stream " + stream);
      }
      if (frame.stream == stream) {
        frames.add(frame);
        if (frame.ends()) {
          return frames;
        }
      }
    }
  }

  /** The status that a stream is answered. */
  String status(int stream) throws IOException {
    return readAll(stream).get(0).status;
  }

  /** Each block of headers has to be read, in order. */
  private String status(int stream, int flags, byte[] payload) throws IOException {
    int skipped = (flags & PRIORITY) == 0 ? 0 : PRIORITY_BYTES;
    try {
      return decoder
          .decodeHeaders(stream, Unpooled.wrappedBuffer(payload, skipped, payload.length - skipped))
          .status()
          .toString();
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  /** The next frame of a type; null when the connection ends before. */
  @Nullable Frame next(int type) throws IOException {
    Frame frame = read();
    while (frame != null && frame.type != type) {
      frame = read();
    }
    return frame;
  }

  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
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

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    for (String text : new String[] {name, value}) {
      length(block, text.length());
      block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static void length(ByteArrayOutputStream block, int length) {
    if (length < 127) {
      block.write(length);
      return;
    }
    block.write(127);
    int rest = length - 127;
    while (rest >= 128) {
      block.write(128 | (rest & 127));
      rest >>= 7;
    }
    block.write(rest);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
