package io.limiter.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HandshakesTest {
  private final Handshakes handshakes = new Handshakes(4, Duration.ofHours(1), Optional.empty());
  private int ports = 1_024;

  private EmbeddedChannel accepted(int host) {
    InetSocketAddress peer = new InetSocketAddress("192.0.2." + host, ports++);
    EmbeddedChannel channel =
        new EmbeddedChannel() {
          @Override
          protected SocketAddress remoteAddress0() {
            return peer;
          }
        };
    handshakes.accepted(channel);
    channel.runPendingTasks();
    return channel;
  }

  @Test
  void whoeverHasMost_losesHisOldest() {
    EmbeddedChannel other = accepted(1);
    List<EmbeddedChannel> busy = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      busy.add(accepted(2));
    }
    assertTrue(other.isOpen());
    for (int i = 0; i < 10; i++) {
      assertEquals(i >= 7, busy.get(i).isOpen());
    }
    assertEquals(4, handshakes.count());
  }

  /** It could not be: it is not registered with an event loop yet. */
  @Test
  void whoComesLast_isNotCut() {
    for (int host = 1; host < 200; host++) {
      assertTrue(accepted(host).isOpen());
    }
    assertEquals(4, handshakes.count());
  }

  @Test
  void whoeverHangsUp_makesRoom() {
    EmbeddedChannel first = accepted(1);
    var unused = accepted(1).close();
    accepted(1);
    accepted(1);
    accepted(1);
    assertEquals(4, handshakes.count());
    assertTrue(first.isOpen());
    accepted(1);
    assertFalse(first.isOpen());
  }
}
