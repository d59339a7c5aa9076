package io.limiter.server.store.redis;

import io.lettuce.core.MigrateArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A real Redis Cluster of processes on this host: primaries, which share the slots evenly, and then
 * a replica for each if it has any.
 */
public final class TestCluster implements AutoCloseable {
  private static final int SLOTS = 16_384;

  /** The bus of the members listens 10,000 above their port. */
  private static final int HIGHEST_PORT = 55_535;

  /** So far above its port a member talks with the others. */
  private static final int BUS = 10_000;

  private final List<Member> members = new ArrayList<>();
  private final RedisClient client = RedisClient.create();
  private final int primaries;

  /** One process. */
  public record Member(
      int port,
      Process process,
      StatefulRedisConnection<String, String> connection,
      RedisCommands<String, String> redis,
      String id) {}

  private TestCluster(int primaries) {
    this.primaries = primaries;
  }

  /** Whether there is a redis-server to start members of: it takes one that is on the PATH. */
  public static boolean isPossible() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "redis-server")));
  }

  public static TestCluster of(int primaries, boolean replicas) {
    TestCluster cluster = new TestCluster(primaries);
    try {
      for (int i = 0; i < primaries * (replicas ? 2 : 1); i++) {
        cluster.start();
      }
      cluster.join();
      return cluster;
    } catch (RuntimeException failed) {
      cluster.close();
      throw failed;
    }
  }

  /** Starts a member that holds nothing, and has it meet the others. */
  public Member add() {
    Member added = start();
    StoreOnRedis.await(
        () ->
            meets(added)
                && added.redis.clusterInfo().contains("cluster_state:ok")
                && members.stream().allMatch(one -> one.redis.clusterNodes().contains(added.id)));
    return added;
  }

  /** On a busy machine members forget whom they meet before they have spoken to each other. */
  private boolean meets(Member added) {
    Member first = members.get(0);
    boolean met = added.redis.clusterNodes().contains(first.id);
    if (!met) {
      added.redis.clusterMeet("127.0.0.1", first.port);
    }
    return met;
  }

  private Member start() {
    int port = freePort();
    try {
      Path folder = Files.createTempDirectory("limiter-test-cluster");
      Process process =
          new ProcessBuilder(
                  List.of(
                      "redis-server",
                      "--port",
                      "" + port,
                      "--bind",
                      "127.0.0.1",
                      "--dir",
                      folder.toString(),
                      "--save",
                      "",
                      "--cluster-enabled",
                      "yes",
                      "--cluster-node-timeout",
                      "1000",
                      "--cluster-replica-validity-factor",
                      "0",
                      "--repl-diskless-sync-delay",
                      "0"))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      Member member = connected(port, process);
      members.add(member);
      return member;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Member connected(int port, Process process) {
    List<StatefulRedisConnection<String, String>> made = new ArrayList<>();
    StoreOnRedis.await(
        () -> {
          try {
            made.add(client.connect(StringCodec.UTF8, RedisURI.create("127.0.0.1", port)));
            return true;
          } catch (RuntimeException notYet) {
            return false;
          }
        });
    StatefulRedisConnection<String, String> connection = made.get(0);
    connection.setTimeout(Duration.ofSeconds(10));
    return new Member(
        port, process, connection, connection.sync(), connection.sync().clusterMyId());
  }

  private static int freePort() {
    while (true) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        int port = socket.getLocalPort();
        if (port <= HIGHEST_PORT && isFree(port + BUS)) {
          return port;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private void join() {
    for (int i = 0; i < primaries; i++) {
      int from = SLOTS * i / primaries;
      int to = SLOTS * (i + 1) / primaries;
      members.get(i).redis.clusterAddSlots(IntStream.range(from, to).toArray());
    }
    StoreOnRedis.await(() -> members.stream().skip(1).filter(one -> !meets(one)).count() == 0);
    StoreOnRedis.await(
        () ->
            members.stream()
                .allMatch(
                    one ->
                        members.stream()
                            .allMatch(other -> one.redis.clusterNodes().contains(other.id))));
    for (int i = primaries; i < members.size(); i++) {
      members.get(i).redis.clusterReplicate(members.get(i - primaries).id);
    }
    StoreOnRedis.await(
        () ->
            members.stream().allMatch(one -> one.redis.clusterInfo().contains("cluster_state:ok")));
    StoreOnRedis.await(
        () ->
            members.stream()
                .skip(primaries)
                .allMatch(one -> one.redis.info("replication").contains("link_status:up")));
  }

  public String uri() {
    return members.stream()
        .map(one -> "127.0.0.1:" + one.port)
        .collect(Collectors.joining(",", "redis-cluster://", ""));
  }

  public List<Member> members() {
    return members;
  }

  /** The member that holds a slot, as the first says that lives. */
  public Member holder(int slot) {
    for (Member one : members) {
      if (one.process.isAlive()) {
        for (Object range : one.redis.clusterSlots()) {
          List<?> parts = (List<?>) range;
          if ((Long) parts.get(0) <= slot && slot <= (Long) parts.get(1)) {
            long port = (Long) ((List<?>) parts.get(2)).get(1);
            return members.stream().filter(m -> m.port == port).findFirst().orElseThrow();
          }
        }
      }
    }
    throw new AssertionError("nobody holds slot " + slot);
  }

  /** Moves a slot with its keys, as {@code redis-cli --cluster reshard} does. */
  public void move(int slot, Member from, Member to) {
    to.redis.clusterSetSlotImporting(slot, from.id);
    from.redis.clusterSetSlotMigrating(slot, to.id);
    moveKeys(slot, from, to);
    for (Member one : members) {
      if (one.process.isAlive() && one.redis.role().get(0).equals("master")) {
        one.redis.clusterSetSlotNode(slot, to.id);
      }
    }
  }

  private static void moveKeys(int slot, Member from, Member to) {
    List<String> keys = from.redis.clusterGetKeysInSlot(slot, 100);
    while (!keys.isEmpty()) {
      from.redis.migrate("127.0.0.1", to.port, 0, 5_000, MigrateArgs.Builder.keys(keys));
      keys = from.redis.clusterGetKeysInSlot(slot, 100);
    }
  }

  void flush() {
    for (Member one : members) {
      if (one.process.isAlive() && one.redis.role().get(0).equals("master")) {
        one.redis.flushall();
      }
    }
  }

  @Override
  public void close() {
    members.forEach(one -> one.connection.close());
    members.forEach(one -> one.process.destroyForcibly());
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
