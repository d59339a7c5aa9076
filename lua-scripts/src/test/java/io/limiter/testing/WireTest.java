package io.limiter.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class WireTest {
  private static final String LOADING =
      "-LOADING Redis is loading the dataset in memory\r\n"; // even to a PING

  @Test
  @Timeout(20)
  void oneThatLoadsItsData_isHeardAtOnce() throws Exception {
    assertEquals(LOADING, said("DBSIZE", LOADING, /* cuts= */ false));
    String both = "$14\r\nrole:slave\r\n+P\r\n" + LOADING;
    assertEquals(both, said("INFO replication\r\nPING", both, /* cuts= */ false));
  }

  @Test
  @Timeout(20)
  void oneReplyForEachCommand_whateverIsInIt() throws Exception {
    String replies = "*3\r\n$-1\r\n*2\r\n:1\r\n$7\r\n+PONG\r\n\r\n*-1\r\n+OK\r\n$0\r\n\r\n:7\r\n";
    assertEquals(replies, said("A\r\nB\r\nC\r\nD", replies, /* cuts= */ false));
  }

  @Test
  @Timeout(20)
  void oneThatCutsTheConnection_saysLess() throws Exception {
    assertEquals("+OK\r\n", said("FAILOVER\r\nROLE", "+OK\r\n", /* cuts= */ true));
    assertEquals("", said("SHUTDOWN SAVE", "", /* cuts= */ true));
  }

  private static String said(String commands, String replies, boolean cuts) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Boolean> heard =
          CompletableFuture.supplyAsync(() -> hears(server, commands + "\r\n", replies, cuts));
      String said = Wire.ask(server.getLocalPort(), commands);
      assertTrue(heard.join());
      return said;
    }
  }

  /** Replies to what it is asked, and waits for the other end to close if it does not. */
  private static boolean hears(ServerSocket server, String asked, String replies, boolean cuts) {
    try (Socket socket = server.accept()) {
      byte[] heard = socket.getInputStream().readNBytes(asked.length());
      socket.getOutputStream().write(replies.getBytes(StandardCharsets.US_ASCII));
      return new String(heard, StandardCharsets.US_ASCII).equals(asked)
          && (cuts || socket.getInputStream().read() < 0);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
