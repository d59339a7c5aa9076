package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Properties;
import org.junit.jupiter.api.Test;

class NettyDefaultsTest {
  @Test
  void leaksAreNotLookedFor() {
    Properties properties = new Properties();

    NettyDefaults.set(properties);

    // The names by which both copies of Netty read them.
    assertEquals("disabled", properties.get("io.grpc.netty.shaded.io.netty.leakDetection.level"));
    assertEquals("disabled", properties.get("io.netty.leakDetection.level"));
  }

  @Test
  void callersOfTls_areBounded() {
    Properties properties = new Properties();

    NettyDefaults.set(properties);

    assertEquals("true", properties.get("jdk.tls.rejectClientInitiatedRenegotiation"));
    assertEquals("1024", properties.get("javax.net.ssl.sessionCacheSize"));
    assertEquals("false", properties.get("jdk.tls.server.enableSessionTicketExtension"));
  }

  @Test
  void whatIsGiven_stands() {
    Properties properties = new Properties();
    properties.setProperty("io.netty.leakDetection.level", "paranoid");

    NettyDefaults.set(properties);

    assertEquals("paranoid", properties.get("io.netty.leakDetection.level"));
  }
}
