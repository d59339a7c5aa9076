package io.limiter.server.faults;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.Source;
import io.limiter.server.process.ServerProcess;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Two instances of the service, in processes of their own, at ports that they keep. */
final class Services implements AutoCloseable {
  static final int COUNT = 2;
  private static final Duration PROBE = Duration.ofMillis(100);

  /** More than probes ask. */
  private static final int MANY = 100;

  private final String redis;
  private final Path rules;
  private final List<Integer> ports = List.of(TestRedis.freePort(), TestRedis.freePort());
  private final List<ServerProcess> running = new ArrayList<>();
  private final List<LimiterClient> probes = new ArrayList<>();

  /** How much of each log was shown. */
  private final int[] shown = new int[COUNT];

  Services(String redis, Path rules) {
    this.redis = redis;
    this.rules = rules;
    for (int i = 0; i < COUNT; i++) {
      running.add(start(i));
      probes.add(
          LimiterClient.to("127.0.0.1:" + ports.get(i))
              .deadline(PROBE)
              .onUnreachable(OnUnreachable.CLOSED)
              .build());
    }
  }

  private ServerProcess start(int index) {
    return ServerProcess.serve(
        "--redis",
        redis,
        "--rules",
        rules.toString(),
        "--grpc-port",
        Integer.toString(ports.get(index)));
  }

  String target() {
    return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
  }

  /** Where one answers gRPC. */
  int port(int index) {
    return ports.get(index);
  }

  ServerProcess get(int index) {
    return running.get(index);
  }

  /** Starts again one that ended, at the same port. */
  void restart(int index) {
    running.set(index, start(index));
    shown[index] = 0;
  }

  /** Waits until Redis decides what is asked at each of them. */
  void awaitRedis() {
    for (LimiterClient probe : probes) {
      Await.until(
          () ->
              probe.check(CheckRequest.in("faults").attribute("closed", "probe")).source()
                  == Source.REDIS);
    }
  }

  /**
   * Waits until callers ask one that was started again. Before that it is no other instance to
   * them, whose clients wait for about a second before they connect anew.
   */
  void awaitCallers(int index) {
    Await.until(() -> metric(get(index), "limiter_decisions_total") >= MANY);
  }

  /** Waits until each of them knows of all, and hears what others give back. */
  void awaitWhole() {
    awaitRedis();
    for (ServerProcess one : running) {
      Await.until(
          () ->
              metric(one, "limiter_instances") >= COUNT
                  && metric(one, "limiter_redis_subscribed") == 1);
    }
  }

  /** Live threads of those that run. */
  int threads() {
    return running.stream().mapToInt(one -> (int) metric(one, "jvm_threads_live_threads")).sum();
  }

  /** Threads, and what the heap holds that is in use. */
  String state() throws Exception {
    StringBuilder state = new StringBuilder();
    for (ServerProcess one : running) {
      String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      new ProcessBuilder(jcmd, "" + one.pid(), "GC.run").start().waitFor();
      state.append(
          String.format(
              Locale.ROOT,
              "%s%.0f threads, %.1f MB",
              state.isEmpty() ? "" : " and ",
              metric(one, "jvm_threads_live_threads"),
              metric(one, "jvm_memory_used_bytes{area=\"heap\"") / 1e6));
    }
    return state.toString();
  }

  private static double metric(ServerProcess server, String name) {
    return server
        .get("/metrics")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** What the second shows, and what all logged since this was asked last. */
  String said() {
    ServerProcess second = running.get(1);
    StringBuilder said = new StringBuilder(second.get("/readyz"));
    second
        .get("/metrics")
        .lines()
        .filter(line -> line.startsWith("limiter_fallback_decisions_total{"))
        .forEach(line -> said.append(line).append('\n'));
    for (int i = 0; i < COUNT; i++) {
      String log = running.get(i).log();
      said.append(log, Math.min(shown[i], log.length()), log.length()).append('\n');
      shown[i] = log.length();
    }
    return said.toString();
  }

  @Override
  public void close() {
    probes.forEach(LimiterClient::close);
    running.forEach(ServerProcess::close);
  }
}
