package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.grpc.Status;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A peer that refuses every HTTP/2 stream in the way that gRPC answers by sending the call again,
 * unless it is told not to.
 */
@Timeout(120)
final class SendingOnceTest {
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int ACK = 1;
  private static final int REFUSED_STREAM = 7;

  @Test
  void refusedCall_isNotSentAgain() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      Thread refusing = new Thread(() -> refuseAll(server, sent));
      refusing.setDaemon(true);
      refusing.start();
      try (LimiterClient client =
          LimiterClient.to("127.0.0.1:" + server.getLocalPort())
              .deadline(Duration.ofSeconds(30))
              .build()) {
        Decision.Unreachable decision =
            assertInstanceOf(Decision.Unreachable.class, client.check(CheckRequest.in("edge")));
        assertEquals(Status.Code.UNAVAILABLE, decision.cause().code());
      }
    }
    assertEquals(1, sent.get());
  }

  private static void refuseAll(ServerSocket server, AtomicInteger sent) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        in.readFully(new byte["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length()]);
        frame(out, SETTINGS, 0, 0, new byte[0]);
        while (true) {
          int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
          int type = in.readUnsignedByte();
          int flags = in.readUnsignedByte();
          int stream = in.readInt();
          byte[] payload = new byte[length];
          in.readFully(payload);
          if (type == HEADERS) {
            sent.incrementAndGet();
            frame(out, RST_STREAM, 0, stream, new byte[] {0, 0, 0, REFUSED_STREAM});
          } else if (type == SETTINGS && flags != ACK) {
            frame(out, SETTINGS, ACK, 0, new byte[0]);
          } else if (type == PING && flags != ACK) {
            frame(out, PING, ACK, 0, payload);
          }
        }
      } catch (IOException disconnected) {
        // The next connection, if there is one.
      }
    }
  }

  private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    out.writeByte(payload.length >> 16);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
    out.flush();
  }
}
