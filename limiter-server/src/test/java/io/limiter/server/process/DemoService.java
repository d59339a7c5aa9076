package io.limiter.server.process;

import io.limiter.client.LimiterClient;
import java.time.Duration;
import java.util.Map;

/** The program as the documentation has readers start it: on an embedded Redis. */
final class DemoService implements AutoCloseable {
  private final ServerProcess process;

  private DemoService(ServerProcess process) {
    this.process = process;
  }

  /**
   * Starts it. However slow the machine, Redis is waited for.
   *
   * @param more options; without any, the sample rules are in force
   */
  static DemoService start(String... more) {
    String[] flags = new String[3 + more.length];
    flags[0] = "--demo";
    flags[1] = "--decision-deadline";
    flags[2] = "1m";
    System.arraycopy(more, 0, flags, 3, more.length);
    DemoService started = new DemoService(ServerProcess.serve(flags));
    while (!started.metrics().contains("limiter_redis_connected 1.0\n")) {
      Thread.onSpinWait();
    }
    return started;
  }

  /** Where it answers gRPC. */
  String grpc() {
    return process.grpc();
  }

  String log() {
    return process.log();
  }

  String metrics() {
    return process.get("/metrics");
  }

  /** Resets counters that other tests and earlier attempts may have charged. */
  void forget(String domain, Map<String, String> attributes) {
    try (LimiterClient client = LimiterClient.to(grpc()).deadline(Duration.ofMinutes(1)).build()) {
      client.reset(domain, attributes);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
