package io.limiter.server.store.redis.connect;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** A name server that knows every name as 127.0.0.1, for an hour. */
final class NameServer implements AutoCloseable {
  private static final int HEADER = 12;
  private static final byte[] ANSWER = {
    (byte) 0xC0,
    HEADER, // the name that was asked for
    0,
    1,
    0,
    1, // an IPv4 address
    0,
    0,
    0x0E,
    0x10, // 3,600 seconds
    0,
    4,
    127,
    0,
    0,
    1
  };

  private final DatagramSocket socket;
  private final AtomicInteger asked = new AtomicInteger();

  NameServer() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve, "test-name-server");
    thread.setDaemon(true);
    thread.start();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** How often it was asked for an IPv4 address. */
  int asked() {
    return asked.get();
  }

  private void serve() {
    byte[] buffer = new byte[512];
    while (!socket.isClosed()) {
      DatagramPacket query = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(query);
        byte[] reply = reply(query.getData());
        socket.send(new DatagramPacket(reply, reply.length, query.getSocketAddress()));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private byte[] reply(byte[] query) {
    int end = HEADER;
    while (query[end] != 0) {
      end += 1 + query[end];
    }
    end += 5; // the root, the type and the class
    boolean ipv4 = query[end - 3] == 1;
    if (ipv4) {
      asked.incrementAndGet();
    }
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    reply.write(query, 0, 2);
    reply.writeBytes(new byte[] {(byte) 0x81, (byte) 0x80, 0, 1, 0, (byte) (ipv4 ? 1 : 0)});
    reply.writeBytes(new byte[4]);
    reply.write(query, HEADER, end - HEADER);
    if (ipv4) {
      reply.writeBytes(ANSWER);
    }
    return reply.toByteArray();
  }

  @Override
  public void close() {
    socket.close();
  }
}
