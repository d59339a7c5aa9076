package io.limiter.server.grpc;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/** Speaks HTTP/2 frame by frame, and does only what it is told. One thread writes, one reads. */
final class RawClient implements AutoCloseable {
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int ACK = 1;
  private static final int END_STREAM_AND_HEADERS = 5;
  private static final short MAX_CONCURRENT_STREAMS = 3;
  private static final int CALLS_AT_A_TIME = 100;

  private final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;
  private int stream = 1;

  /** Connects, and says so. */
  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    out = new DataOutputStream(socket.getOutputStream());
    in = new DataInputStream(socket.getInputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    out.write(frame(SETTINGS, 0, 0, new byte[0]));
  }

  /** What the server says next of how many calls there may be; waits for it. */
  int told() throws IOException {
    while (true) {
      Frame frame = read();
      while (frame.type == SETTINGS && frame.payload.hasRemaining()) {
        short setting = frame.payload.getShort();
        int value = frame.payload.getInt();
        if (setting == MAX_CONCURRENT_STREAMS) {
          return value;
        }
      }
    }
  }

  /** How many settings come until a ping is answered that is sent now. */
  int settingsUntilAnswered() throws IOException {
    write(frame(PING, 0, 0, new byte[8]));
    int settings = 0;
    while (true) {
      Frame frame = read();
      if (frame.type == PING && frame.flags == ACK) {
        return settings;
      }
      settings += frame.type == SETTINGS && frame.flags != ACK ? 1 : 0;
    }
  }

  /** Confirms settings. */
  void confirm() throws IOException {
    write(frame(SETTINGS, ACK, 0, new byte[0]));
  }

  /** Has what comes read by a thread of its own, until the connection ends. */
  void readAll() {
    Thread reader =
        new Thread(
            () -> {
              try {
                in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // It has ended.
              }
            });
    reader.setDaemon(true);
    reader.start();
  }

  /** Makes one call after the other without a message, a hundred at a time. */
  void askUntil(AtomicBoolean ends) {
    try {
      byte[] headers = headers();
      while (!ends.get()) {
        ByteArrayOutputStream calls = new ByteArrayOutputStream();
        for (int i = 0; i < CALLS_AT_A_TIME; i++) {
          calls.write(frame(HEADERS, END_STREAM_AND_HEADERS, stream, headers));
          stream += 2;
        }
        write(calls.toByteArray());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void write(byte[] frames) throws IOException {
    out.write(frames);
    out.flush();
  }

  private record Frame(int type, int flags, ByteBuffer payload) {}

  private Frame read() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    in.skipNBytes(4);
    return new Frame(type, flags, ByteBuffer.wrap(in.readNBytes(length)));
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** Literals that nobody has to remember (RFC 7541, 6.2.2). */
  private static byte[] headers() {
    String[] headers = {
      ":method", "POST",
      ":scheme", "http",
      ":path", "/limiter.v1.RateLimiter/CheckAndConsume",
      "content-type", "application/grpc",
      "te", "trailers"
    };
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < headers.length; i += 2) {
      block.write(0);
      for (String text : new String[] {headers[i], headers[i + 1]}) {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return block.toByteArray();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
