package io.limiter.server.program;

import java.util.List;
import java.util.Properties;

/** Settings of Netty that suit a service; those given on the command line of the JVM stand. */
public final class NettyDefaults {
  /** Of the Netty in gRPC, and of the one that talks to Redis. */
  static final List<String> LEAK_DETECTION =
      List.of("io.grpc.netty.shaded.io.netty.leakDetection.level", "io.netty.leakDetection.level");

  private NettyDefaults() {}

  /** To be called before Netty is used. */
  public static void set() {
    set(System.getProperties());
  }

  /**
   * Netty follows every hundredth buffer with stack traces, to find those that are never released.
   * That serves its own development, and costs every call.
   */
  static void set(Properties properties) {
    LEAK_DETECTION.forEach(level -> properties.putIfAbsent(level, "disabled"));
  }
}
