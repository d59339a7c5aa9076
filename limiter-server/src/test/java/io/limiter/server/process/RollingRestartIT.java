package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckStream;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.Source;
import io.limiter.testing.Await;
import io.limiter.testing.TestRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes of the service that are restarted one after the other, while a client with both
 * addresses asks without idempotency keys, which it never sends again by itself.
 */
class RollingRestartIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final AtomicLong lastId = new AtomicLong();
  private final Collection<String> lost = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();

  @TempDir private Path rules = Path.of("");

  @Test
  void aClientWithTwoAddresses_losesNoCall_andEachIsChargedOnce() throws Exception {
    Files.writeString(rules.resolve("once.yaml"), Ledgers.RULES);
    ExecutorService callers = Executors.newCachedThreadPool();
    List<ServerProcess> servers = new ArrayList<>();
    try (TestRedis redis = TestRedis.ownProcess()) {
      for (int port : freePorts(2)) {
        servers.add(serve(redis, port));
      }
      try (LimiterClient client =
              LimiterClient.to(servers.get(0).grpc() + "," + servers.get(1).grpc())
                  .deadline(PATIENCE)
                  .onUnreachable(OnUnreachable.CLOSED)
                  .build();
          CheckStream stream = client.stream()) {
        client.awaitReady(PATIENCE);
        List<Future<?>> load = new ArrayList<>();
        load.add(callers.submit(() -> ask(id -> client.check(Ledgers.question(id)))));
        load.add(callers.submit(() -> askMany(id -> client.checkAsync(Ledgers.question(id)))));
        load.add(callers.submit(() -> askMany(id -> stream.check(Ledgers.question(id)))));
        for (int restart = 0; restart < 2; restart++) {
          int one = restart;
          awaitTraffic(servers.get(one));
          awaitTraffic(servers.get(1 - one));
          ServerProcess stopped = servers.get(one);
          assertEquals(143, stopped.stop());
          servers.set(one, serve(redis, URI.create("grpc://" + stopped.grpc()).getPort()));
        }
        awaitTraffic(servers.get(1));
        over.set(true);
        for (Future<?> each : load) {
          each.get();
        }
      }
      assertTrue(lost.isEmpty(), () -> lost.size() + " of " + lastId + " lost: " + lost);
      Map<Long, Long> charged = Ledgers.charged(redis);
      assertEquals(
          List.of(),
          LongStream.rangeClosed(1, lastId.get())
              .filter(id -> charged.getOrDefault(id, 0L) != 1)
              .boxed()
              .toList());
    } finally {
      over.set(true);
      callers.shutdownNow();
      servers.forEach(ServerProcess::close);
    }
  }

  private ServerProcess serve(TestRedis redis, int port) {
    return ServerProcess.serve(
        "--redis",
        redis.uri(),
        "--rules",
        rules.toString(),
        // A Redis that is slow on a busy machine is waited for.
        "--decision-deadline",
        "30s",
        "--decision-deadline-max",
        "30s",
        // So is a client that hears late of the end.
        "--shutdown-delay",
        "1s",
        "--grpc-port",
        Integer.toString(port));
  }

  private void ask(Function<Long, Decision> asking) {
    while (!over.get()) {
      judge(asking.apply(lastId.incrementAndGet()));
      leaveTime();
    }
  }

  /** Asks with many questions under way. */
  private void askMany(Function<Long, CompletableFuture<Decision>> asking) {
    while (!over.get()) {
      List<CompletableFuture<Decision>> asked = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        asked.add(asking.apply(lastId.incrementAndGet()));
      }
      asked.forEach(each -> judge(each.join()));
      leaveTime();
    }
  }

  /** For the start of a process: with a load that takes all of the machine it takes long. */
  private static void leaveTime() {
    LockSupport.parkNanos(5_000_000);
  }

  private void judge(Decision decision) {
    if (!decision.allowed() || decision.source() != Source.REDIS) {
      lost.add(decision.toString());
    }
  }

  private static void awaitTraffic(ServerProcess server) {
    double before = decisions(server);
    Await.until(() -> decisions(server) >= before + 100);
  }

  private static double decisions(ServerProcess server) {
    return server
        .get("/metrics")
        .lines()
        .filter(line -> line.startsWith("limiter_decisions_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
  }
}
