package io.limiter.testing;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client of HTTP/2 that sends what it likes, and reads nothing by itself. */
public final class RawHttp2 implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int FRAME = 16_384;

  /** POST, http, and the four headers that {@link #first} has left in the table. */
  private static final byte[] AGAIN = {
    (byte) 0x83,
    (byte) 0x86,
    (byte) (0x80 | 65),
    (byte) (0x80 | 64),
    (byte) (0x80 | 63),
    (byte) (0x80 | 62)
  };

  private final Socket socket;
  private final OutputStream out;
  private final String method;
  private int streams;

  /**
   * Connects.
   *
   * @param method the method of all of its calls, such as {@code /package.Service/Method}
   */
  public RawHttp2(String address, String method) throws IOException {
    this.method = method;
    int colon = address.lastIndexOf(':');
    socket =
        new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    // INITIAL_WINDOW_SIZE: whatever is answered may be sent at once.
    frame(SETTINGS, 0, 0, new byte[] {0, 4, 0x7f, -1, -1, -1}, 0, 6);
    frame(WINDOW_UPDATE, 0, 0, new byte[] {0x7f, 0, 0, 0}, 0, 4);
    out.flush();
  }

  /** Opens a call, and gives its number. */
  public int open() throws IOException {
    return open(END_HEADERS);
  }

  /** Makes a call without a message, which is refused for that. */
  public void call() throws IOException {
    open(END_HEADERS | END_STREAM);
  }

  private int open(int flags) throws IOException {
    int stream = 2 * streams++ + 1;
    byte[] headers = stream == 1 ? first() : AGAIN;
    frame(HEADERS, flags, stream, headers, 0, headers.length);
    return stream;
  }

  public void reset(int stream) throws IOException {
    frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}, 0, 4);
  }

  /** Sends the first bytes of a message of that length; all of them, and it is the last. */
  public void message(int stream, byte[] message, int bytes) throws IOException {
    byte[] framed = new byte[5 + message.length];
    ByteBuffer.wrap(framed).put((byte) 0).putInt(message.length).put(message);
    int end = bytes == message.length ? framed.length : bytes;
    for (int at = 0; at < end; at += FRAME) {
      int length = Math.min(FRAME, end - at);
      int flags = at + length == framed.length ? END_STREAM : 0;
      frame(DATA, flags, stream, framed, at, length);
    }
  }

  public void raw(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  public void flush() throws IOException {
    out.flush();
  }

  /** What comes. */
  public InputStream in() throws IOException {
    return socket.getInputStream();
  }

  private void frame(int type, int flags, int stream, byte[] payload, int from, int length)
      throws IOException {
    out.write(
        ByteBuffer.allocate(9)
            .put((byte) (length >> 16))
            .putShort((short) length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .array());
    out.write(payload, from, length);
  }

  private byte[] first() {
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    headers.write(0x83);
    headers.write(0x86);
    literal(headers, ":path", method);
    literal(headers, ":authority", "limiter");
    literal(headers, "content-type", "application/grpc");
    literal(headers, "te", "trailers");
    return headers.toByteArray();
  }

  private static void literal(ByteArrayOutputStream headers, String name, String value) {
    headers.write(0x40);
    for (String text : new String[] {name, value}) {
      headers.write(text.length());
      headers.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** What was not sent yet is dropped: the service may have cut the connection long ago. */
  @Override
  public void close() throws IOException {
    try {
      socket.setSoLinger(true, 0);
    } catch (SocketException cut) {
      // Then it is closed already.
    }
    socket.close();
  }
}
