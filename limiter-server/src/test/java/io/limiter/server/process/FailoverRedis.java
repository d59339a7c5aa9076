package io.limiter.server.process;

import io.limiter.server.faults.Link;
import io.limiter.testing.Await;
import io.limiter.testing.Signal;
import io.limiter.testing.TestRedis;
import io.limiter.testing.Wire;
import io.limiter.testing.history.Faults;
import io.limiter.testing.history.Incarnation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * A Redis behind one address, to which things happen. It notes when its data began, what it was
 * handed on, and when it ended. Times are in microseconds since the epoch.
 */
final class FailoverRedis implements AutoCloseable {
  /** A replica is filled at once, without files. */
  private static final List<String> REPLICATION =
      List.of(
          "--repl-diskless-sync",
          "yes",
          "--repl-diskless-sync-delay",
          "0",
          "--repl-diskless-load",
          "on-empty-db");

  private final LongSupplier now;
  private final Link link;
  private final List<Incarnation> lives = new ArrayList<>();
  private final List<Faults.Pause> pauses = new ArrayList<>();
  private TestRedis primary = start(List.of());
  private long from;
  private OptionalLong kept = OptionalLong.empty();

  FailoverRedis(LongSupplier now) {
    this.now = now;
    from = now.getAsLong();
    link = new Link(port(primary));
  }

  String uri() {
    return "redis://127.0.0.1:" + link.port();
  }

  /** The lives of its data until now. */
  List<Incarnation> lives() {
    List<Incarnation> all = new ArrayList<>(lives);
    all.add(new Incarnation(from, now.getAsLong(), kept));
    return all;
  }

  List<Faults.Pause> pauses() {
    return pauses;
  }

  /** It dies, and after a while one takes its place that knows nothing. */
  void beginEmpty(Runnable meanwhile) {
    kill();
    meanwhile.run();
    begin(start(List.of()), OptionalLong.empty());
  }

  /** It stands still for a while, and goes on. */
  void pause(Runnable meanwhile) {
    signal("STOP");
    Await.until(() -> run("ps", "-o", "stat=", "-p", "" + primary.process().pid()).contains("T"));
    long stopped = now.getAsLong();
    meanwhile.run();
    pauses.add(new Faults.Pause(stopped, now.getAsLong()));
    signal("CONT");
  }

  /**
   * It goes on for a while after its replica was promoted by hand. Then it dies, and the replica
   * takes its place, without what came in between.
   */
  void promote(Runnable inBetween, Runnable meanwhile) {
    TestRedis replica = replica();
    long keptUntil = now.getAsLong();
    // WAIT waits for what was written on this connection, and so for all before it.
    String waited = Wire.ask(port(primary), "SET barrier 1\r\nWAIT 1 60000");
    if (!waited.contains(":1\r\n")) {
      throw new AssertionError("the replica did not confirm: " + waited);
    }
    Wire.ask(port(replica), "REPLICAOF NO ONE");
    inBetween.run();
    kill();
    meanwhile.run();
    begin(replica, OptionalLong.of(keptUntil));
  }

  /** It changes places with its replica and takes no writes meanwhile, so nothing is lost. */
  void handOver() {
    TestRedis replica = replica();
    link.lead(port(replica));
    // It is refused until the primary has heard from the replica.
    Await.until(
        () ->
            !Wire.ask(port(primary), "FAILOVER").isEmpty()
                && Wire.ask(port(replica), "INFO replication").contains("role:master"));
    Await.until(() -> Wire.ask(port(primary), "INFO replication").contains("role:slave"));
    primary.close();
    primary = replica;
  }

  private static TestRedis start(List<String> role) {
    List<String> options = new ArrayList<>(REPLICATION);
    options.addAll(role);
    return TestRedis.ownProcess(TestRedis.freePort(), options);
  }

  private TestRedis replica() {
    TestRedis replica = start(List.of("--replicaof", "127.0.0.1", "" + port(primary)));
    Await.until(
        () ->
            Wire.ask(port(replica), "INFO replication").contains("master_link_status:up")
                && Wire.ask(port(primary), "INFO replication").contains("state=online"));
    return replica;
  }

  private void kill() {
    primary.close();
    lives.add(new Incarnation(from, now.getAsLong(), kept));
  }

  private void begin(TestRedis next, OptionalLong keptUntil) {
    primary = next;
    from = now.getAsLong();
    kept = keptUntil;
    link.lead(port(next));
  }

  private void signal(String signal) {
    Signal.send(signal, primary.process());
  }

  private static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int port(TestRedis redis) {
    return URI.create(redis.uri()).getPort();
  }

  @Override
  public void close() {
    link.close();
    primary.close();
  }
}
