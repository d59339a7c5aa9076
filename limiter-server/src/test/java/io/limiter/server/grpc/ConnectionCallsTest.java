package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import io.limiter.server.store.local.LocalCounters;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RateLimiterGrpc;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a connection has under way is bounded, and clients know by how much. */
@Timeout(120)
class ConnectionCallsTest {
  private static final int MOST = 256;
  private static final int SETTINGS = 4;
  private static final short MAX_CONCURRENT_STREAMS = 3;

  @Test
  void aClientIsTold_howManyCallsItMayHaveUnderWay() throws Exception {
    try (Service service = Service.over(LocalCounters.now());
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.server.port())) {
      socket
          .getOutputStream()
          .write(
              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                  .getBytes(StandardCharsets.US_ASCII));
      assertEquals(MOST, told(new DataInputStream(socket.getInputStream())));
    }
  }

  private static int told(DataInputStream frames) throws IOException {
    while (true) {
      int length = (frames.readUnsignedByte() << 16) | frames.readUnsignedShort();
      int type = frames.readUnsignedByte();
      frames.skipNBytes(5);
      ByteBuffer payload = ByteBuffer.wrap(frames.readNBytes(length));
      while (type == SETTINGS && payload.hasRemaining()) {
        short setting = payload.getShort();
        int value = payload.getInt();
        if (setting == MAX_CONCURRENT_STREAMS) {
          return value;
        }
      }
    }
  }

  /** The first that wait are answered only when all have come that may. */
  @Test
  void whatIsAskedBeyond_isAnsweredInItsTurn() throws Exception {
    HeldStore store = new HeldStore();
    try (Service service = Service.over(store, Rules.yearly(100_000))) {
      RateLimiterGrpc.RateLimiterFutureStub ask = RateLimiterGrpc.newFutureStub(service.channel);
      List<ListenableFuture<CheckAndConsumeResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 2 * MOST; i++) {
        answers.add(ask.checkAndConsume(Messages.question("k")));
      }
      while (store.asked() < MOST) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < 2 * MOST; i++) {
        store.next().answer();
      }
      for (ListenableFuture<CheckAndConsumeResponse> answer : answers) {
        assertTrue(answer.get().getAllowed());
      }
    }
  }
}
