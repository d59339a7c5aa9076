package io.limiter.server.program;

import java.util.List;
import java.util.Properties;

/** Defaults of Netty and of TLS for a service. Properties given to the JVM stand. */
public final class NettyDefaults {
  /** Of the Netty in gRPC, and of the one that talks to Redis. */
  static final List<String> LEAK_DETECTION =
      List.of("io.grpc.netty.shaded.io.netty.leakDetection.level", "io.netty.leakDetection.level");

  /** Else whoever may connect can have the handshake's arithmetic done again and again. */
  static final String REFUSE_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

  /** Of connections that ended, each of some kilobytes; Java keeps 20,480 of them. */
  static final String MOST_SESSIONS = "javax.net.ssl.sessionCacheSize";

  /** Whether sessions are given to clients to keep, where nobody can end them. */
  static final String SESSION_TICKETS = "jdk.tls.server.enableSessionTicketExtension";

  private NettyDefaults() {}

  /** Sets them. To be called before Netty and TLS are used. */
  public static void set() {
    set(System.getProperties());
  }

  /**
   * Turns leak detection off. It records stack traces for every hundredth buffer, to find those
   * that are never released, which costs every call. And bounds what callers of TLS can cause.
   */
  static void set(Properties properties) {
    LEAK_DETECTION.forEach(level -> properties.putIfAbsent(level, "disabled"));
    properties.putIfAbsent(REFUSE_RENEGOTIATION, "true");
    properties.putIfAbsent(MOST_SESSIONS, "1024");
    properties.putIfAbsent(SESSION_TICKETS, "false");
  }
}
