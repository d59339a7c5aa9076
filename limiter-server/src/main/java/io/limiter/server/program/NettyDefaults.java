package io.limiter.server.program;

import java.util.List;
import java.util.Properties;

/** Defaults of Netty for a service. Properties given to the JVM stand. */
public final class NettyDefaults {
  /** Of the Netty in gRPC, and of the one that talks to Redis. */
  static final List<String> LEAK_DETECTION =
      List.of("io.grpc.netty.shaded.io.netty.leakDetection.level", "io.netty.leakDetection.level");

  private NettyDefaults() {}

  /** Sets them. To be called before Netty is used. */
  public static void set() {
    set(System.getProperties());
  }

  /**
   * Turns leak detection off. It records stack traces for every hundredth buffer, to find those
   * that are never released, which costs every call.
   */
  static void set(Properties properties) {
    LEAK_DETECTION.forEach(level -> properties.putIfAbsent(level, "disabled"));
  }
}
