package io.limiter.server.grpc;

import io.limiter.testing.RawHttp2;
import io.limiter.v1.RateLimiterGrpc;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** Asks, hears what it is told of settings, and confirms them when it likes. */
final class RawClient implements AutoCloseable {
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int ACK = 1;
  private static final short MAX_CONCURRENT_STREAMS = 3;
  private static final int CALLS_AT_A_TIME = 100;
  private static final byte[] CONFIRMATION = {0, 0, 0, SETTINGS, ACK, 0, 0, 0, 0};
  private static final byte[] PING_FRAME = {0, 0, 8, PING, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};

  private final RawHttp2 http2;
  private final DataInputStream in;

  RawClient(int port) throws IOException {
    http2 =
        new RawHttp2(
            "127.0.0.1:" + port,
            "/" + RateLimiterGrpc.getCheckAndConsumeMethod().getFullMethodName());
    in = new DataInputStream(http2.in());
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
    send(PING_FRAME);
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
    send(CONFIRMATION);
  }

  private synchronized void send(byte[] frame) throws IOException {
    http2.raw(frame);
    http2.flush();
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

  /** Makes one call after the other, a hundred at a time. */
  void askUntil(AtomicBoolean ends) {
    try {
      while (!ends.get()) {
        ask();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void ask() throws IOException {
    for (int i = 0; i < CALLS_AT_A_TIME; i++) {
      http2.call();
    }
    http2.flush();
  }

  private record Frame(int type, int flags, ByteBuffer payload) {}

  private Frame read() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    in.skipNBytes(4);
    return new Frame(type, flags, ByteBuffer.wrap(in.readNBytes(length)));
  }

  @Override
  public void close() throws IOException {
    http2.close();
  }
}
