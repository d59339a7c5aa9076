package io.limiter.server.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.limiter.testing.Await;
import io.limiter.testing.Signal;
import io.limiter.testing.TestRedis;
import io.limiter.testing.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A Redis behind one address, and whatever becomes of it: killed, filled, replaced by its replica.
 */
final class OneRedis implements AutoCloseable {
  private static final String MANUAL = "ACL SETUSER limiter on >PASSWORD ";

  private final Path folder;
  private final String rights;
  private final Link link;
  private int port = TestRedis.freePort();
  private TestRedis redis;
  private final List<TestRedis> old = new ArrayList<>();

  OneRedis(Path folder) throws IOException {
    this.folder = folder;
    String manual = Files.readString(Path.of("../docs/operation.md"));
    int from = manual.indexOf(MANUAL) + MANUAL.length();
    rights = manual.substring(from, manual.indexOf('\n', from));
    Files.writeString(
        folder.resolve("users.acl"),
        "user default on nopass ~* &* +@all\nuser limiter on >pw " + rights + "\n");
    redis = start(port);
    link = new Link(port);
  }

  private TestRedis start(int port, String... more) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--dir",
                folder.toString(),
                "--dbfilename",
                port + ".rdb",
                "--aclfile",
                folder.resolve("users.acl").toString(),
                "--repl-diskless-sync-delay",
                "0",
                // Else a replica leaves a file that it loads when it is started again, as primary.
                "--rdb-del-sync-files",
                "yes"));
    options.addAll(List.of(more));
    return TestRedis.ownProcess(port, options);
  }

  /** Where the service finds it. */
  String uri() {
    return "redis://limiter:pw@127.0.0.1:" + link.port();
  }

  Link link() {
    return link;
  }

  /** Where it is at the moment, for whoever looks. */
  TestRedis redis() {
    return redis;
  }

  String admin(String command) {
    return Wire.ask(port, command);
  }

  /** Has it do something, which it must not refuse. */
  void order(String command) {
    order(port, command);
  }

  private static void order(int port, String command) {
    assertEquals("+OK\r\n", Wire.ask(port, command), command);
  }

  void signal(String name) {
    Signal.send(name, redis.process());
  }

  void kill() {
    redis.close();
  }

  /** Starts it again, without what it held. */
  void startEmpty() {
    assertFalse(Files.exists(folder.resolve(port + ".rdb")), "it would load what it held");
    redis = start(port);
  }

  /**
   * Restarts it with what it holds, and has it load that for a second at least.
   *
   * @return done when it is loaded
   */
  CompletableFuture<Void> reload() throws Exception {
    long keys = Long.parseLong(admin("DBSIZE").replaceAll("(?s)^:(\\d+).*", "$1"));
    admin("SHUTDOWN SAVE");
    redis.process().waitFor();
    return CompletableFuture.runAsync(
        () -> {
          redis =
              start(
                  port,
                  "--key-load-delay",
                  Long.toString(1 + 1_000_000 / keys),
                  "--loading-process-events-interval-bytes",
                  "1024");
          try {
            Files.delete(folder.resolve(port + ".rdb"));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  /** Has the user of the service do nothing any more, or all that the manual lists. */
  void allow(boolean all) {
    order("ACL SETUSER limiter " + (all ? rights : "-@all"));
  }

  /** Fills it: it takes no more writes. */
  void fill(boolean full) {
    order("CONFIG SET maxmemory " + (full ? "1" : "0"));
  }

  /** Starts a replica, and waits until it follows. */
  private int replica() {
    int next = TestRedis.freePort();
    old.add(redis);
    redis = start(next, "--replicaof", "127.0.0.1", "" + port);
    Await.until(() -> Wire.ask(next, "INFO replication").contains("master_link_status:up"));
    return next;
  }

  /** Has a replica take over, as operators do it: nothing is lost. */
  void failOver() {
    int next = replica();
    String command = "FAILOVER TO 127.0.0.1 " + next + " TIMEOUT 1000";
    // It is refused until the primary has heard from the replica, and given up if that is slow.
    Await.until(() -> !admin(command).isEmpty() && Wire.ask(next, "ROLE").contains("master"));
    moved(next);
  }

  /**
   * Has a replica take over at once. The address leads there for new connections; those that are
   * open stay with the old primary, which follows the new one.
   */
  void move() {
    int next = replica();
    order(next, "REPLICAOF NO ONE");
    order("REPLICAOF 127.0.0.1 " + next);
    moved(next);
  }

  private void moved(int next) {
    link.lead(next);
    port = next;
  }

  /** Ends those that are not the primary any more. */
  void endOld() {
    old.forEach(TestRedis::close);
    old.clear();
  }

  @Override
  public void close() {
    endOld();
    link.close();
    redis.close();
  }
}
