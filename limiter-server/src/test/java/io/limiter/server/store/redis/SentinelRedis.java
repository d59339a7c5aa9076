package io.limiter.server.store.redis;

import io.limiter.testing.TestRedis;
import io.limiter.testing.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Three real Redis, of which one is the primary, and three real Sentinels, on loopback ports. */
public final class SentinelRedis implements AutoCloseable {
  static final String NAME = "main";

  private final Map<Integer, TestRedis> redis = new TreeMap<>();
  private final Map<Integer, TestRedis> sentinels = new TreeMap<>();
  private final List<Integer> order = new ArrayList<>();
  private final Path folder;

  public SentinelRedis(Path folder) throws IOException {
    this.folder = folder;
    int primary = start(List.of());
    for (int i = 0; i < 2; i++) {
      int replica = start(List.of("--replicaof", "127.0.0.1", "" + primary));
      StoreOnRedis.await(
          () -> Wire.ask(replica, "INFO replication").contains("master_link_status:up"));
    }
    for (int i = 0; i < 3; i++) {
      int port = TestRedis.freePort();
      order.add(port);
      Path configuration =
          Files.writeString(
              folder.resolve("sentinel-" + port + ".conf"),
              """
              port %d
              bind 127.0.0.1
              sentinel monitor main 127.0.0.1 %d 2
              sentinel down-after-milliseconds main 500
              sentinel failover-timeout main 1000
              """
                  .formatted(port, primary));
      sentinels.put(port, TestRedis.sentinel(port, configuration));
      // From 7.0 on. Before, all takes as long as in production.
      Wire.ask(port, "SENTINEL DEBUG info-period 200 publish-period 200 ask-period 200");
    }
    awaitWhole();
  }

  private int start(List<String> role) {
    int port = TestRedis.freePort();
    start(port, role);
    return port;
  }

  private void start(int port, List<String> role) {
    List<String> options = new ArrayList<>(List.of("--dir", folder.toString()));
    options.addAll(List.of("--repl-diskless-sync-delay", "0", "--dbfilename", port + ".rdb"));
    options.addAll(role);
    redis.put(port, TestRedis.ownProcess(port, options));
  }

  /** Starts again what was killed, and waits until all Sentinels see all of the others. */
  public void awaitWhole() {
    for (Map.Entry<Integer, TestRedis> one : redis.entrySet()) {
      if (!one.getValue().process().isAlive()) {
        start(one.getKey(), List.of("--replicaof", "127.0.0.1", "" + primary()));
      }
    }
    StoreOnRedis.await(
        () -> {
          int primary = primary();
          return sentinels.keySet().stream()
              .allMatch(
                  port -> {
                    String replicas = Wire.ask(port, "SENTINEL REPLICAS " + NAME);
                    String facts = Wire.ask(port, "SENTINEL MASTER " + NAME);
                    return primary == primary(port)
                        && fact(facts, "num-slaves").equals("2")
                        && fact(facts, "num-other-sentinels").equals("2")
                        && fact(facts, "flags").equals("master")
                        && replicas.split("master-link-status\r\n\\$2\r\nok", -1).length == 3;
                  });
        });
  }

  private static String fact(String facts, String name) {
    String[] lines = facts.split("\r\n", -1);
    for (int i = 0; i + 2 < lines.length; i++) {
      if (lines[i].equals(name)) {
        return lines[i + 2];
      }
    }
    return "";
  }

  /** The Sentinels' URI. */
  public String uri() {
    return "redis-sentinel://"
        + order.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","))
        + "#"
        + NAME;
  }

  /** The port of the primary that the Sentinels name. */
  public int primary() {
    return primary(sentinels.keySet().iterator().next());
  }

  private static int primary(int sentinel) {
    String[] lines =
        Wire.ask(sentinel, "SENTINEL GET-MASTER-ADDR-BY-NAME " + NAME).split("\r\n", -1);
    return Integer.parseInt(lines[4]);
  }

  Process process(int port) {
    return Objects.requireNonNull(redis.get(port)).process();
  }

  /** The port of the Sentinel that the URI names first. */
  int firstSentinel() {
    return order.get(0);
  }

  public void kill(int port) {
    TestRedis sentinel = sentinels.remove(port);
    (sentinel == null ? Objects.requireNonNull(redis.get(port)) : sentinel).close();
  }

  void askEachSentinel(String command) {
    sentinels.keySet().forEach(port -> Wire.ask(port, command));
  }

  public void failover() {
    Wire.ask(sentinels.keySet().iterator().next(), "SENTINEL FAILOVER " + NAME);
  }

  /** How often scripts were called at one Redis. */
  static long scriptCalls(int port) {
    String stats = Wire.ask(port, "INFO commandstats");
    int at = stats.indexOf("cmdstat_evalsha:calls=");
    return at < 0 ? 0 : Long.parseLong(stats.substring(at + 22, stats.indexOf(',', at)));
  }

  @Override
  public void close() {
    sentinels.values().forEach(TestRedis::close);
    redis.values().forEach(TestRedis::close);
  }
}
