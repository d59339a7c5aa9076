package io.limiter.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A peer that breaks off every call in one way. A call that it may have begun with is not sent
 * again; one that it promises not to have begun with is.
 */
@Timeout(120)
final class SendingOnceTest {
  private static final int DATA = 0;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int ACK = 1;
  private static final byte[] INTERNAL_ERROR = {0, 0, 0, 2};
  private static final byte[] REFUSED_STREAM = {0, 0, 0, 7};
  private static final byte[] CANCEL = {0, 0, 0, 8};

  /** The question's domain, by which its message is known from a health watch's. */
  private static final String QUESTION = "one-question";

  private final AtomicInteger sent = new AtomicInteger();

  /** How the peer breaks a call off. */
  private interface Fault {
    void in(DataOutputStream out, int stream) throws IOException;
  }

  private void ask(CheckRequest question, Fault fault) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      Thread breaking = new Thread(() -> breakAll(server, fault));
      breaking.setDaemon(true);
      breaking.start();
      try (LimiterClient client =
          LimiterClient.to("127.0.0.1:" + server.getLocalPort())
              .deadline(Duration.ofSeconds(1))
              .build()) {
        client.check(question);
      }
    }
  }

  @Test
  void aCallThatMayHaveBegun_isNotSentAgain() throws Exception {
    CheckRequest question = CheckRequest.in(QUESTION);
    ask(question, (out, stream) -> frame(out, RST_STREAM, 0, stream, CANCEL));
    assertEquals(1, sent.get());
    ask(question, (out, stream) -> frame(out, RST_STREAM, 0, stream, INTERNAL_ERROR));
    assertEquals(2, sent.get());
    ask(
        question,
        (out, stream) -> {
          throw new IOException("the connection is closed");
        });
    assertEquals(3, sent.get());
  }

  @Test
  void aCallThatHasNotBegun_isSentAgainOnce() throws Exception {
    ask(
        CheckRequest.in(QUESTION),
        (out, stream) -> frame(out, RST_STREAM, 0, stream, REFUSED_STREAM));
    assertEquals(2, sent.get());
  }

  @Test
  void aCallThatAGoawayLeavesOut_isSentAgainOnce() throws Exception {
    ask(
        CheckRequest.in(QUESTION),
        (out, stream) ->
            frame(
                out,
                GOAWAY,
                0,
                0,
                new byte[] {0, 0, (byte) ((stream - 2) >> 8), (byte) (stream - 2), 0, 0, 0, 0}));
    assertEquals(2, sent.get());
  }

  @Test
  void aKeyedCall_isSentAgain_alsoIfItMayHaveBegun() throws Exception {
    ask(
        CheckRequest.in(QUESTION).idempotencyKey("k"),
        (out, stream) -> {
          throw new IOException("the connection is closed");
        });
    assertTrue(sent.get() > 1);
  }

  private void breakAll(ServerSocket server, Fault fault) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread serving = new Thread(() -> serve(socket, fault));
        serving.setDaemon(true);
        serving.start();
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket connection, Fault fault) {
    try (Socket socket = connection) {
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
        if (type == DATA && new String(payload, StandardCharsets.UTF_8).contains(QUESTION)) {
          sent.incrementAndGet();
          fault.in(out, stream);
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
