package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import io.limiter.client.CheckStream;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.Source;
import io.limiter.server.faults.Link;
import io.limiter.testing.TestRedis;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Questions with idempotency keys, sent again by the client, while connections on both sides of two
 * instances are reset at random and the instances are killed and started again. {@code
 * -Dlimiter.test.calls=100000} asks more of them.
 */
class ChargedOnceIT {
  private static final int CALLS = number(System.getProperty("limiter.test.calls", ""));
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int AT_ONCE = 8;

  private final AtomicLong lastId = new AtomicLong();
  private final Set<Long> admittedByRedis = ConcurrentHashMap.newKeySet();
  private final Queue<Decision> others = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean faultsAreOver = new AtomicBoolean();
  private int resets;
  private int kills;

  @TempDir private Path rules = Path.of("");

  private static int number(String text) {
    return text.isBlank() ? 5_000 : Integer.parseInt(text);
  }

  @Test
  void nothingIsChargedTwice_whateverBreaks() throws Exception {
    Files.writeString(rules.resolve("once.yaml"), Ledgers.RULES);
    ExecutorService threads = Executors.newCachedThreadPool();
    List<AutoCloseable> open = new ArrayList<>();
    int[] ports = RollingRestartIT.freePorts(2);
    try (TestRedis redis = TestRedis.ownProcess();
        Link first = new Link(ports[0]);
        Link second = new Link(ports[1]);
        Link firstToRedis = new Link(URI.create(redis.uri()).getPort());
        Link secondToRedis = new Link(URI.create(redis.uri()).getPort())) {
      ServerProcess[] servers = {serve(firstToRedis, ports[0]), serve(secondToRedis, ports[1])};
      open.add(() -> List.of(servers).forEach(ServerProcess::close));
      try (LimiterClient client =
          LimiterClient.to("127.0.0.1:" + first.port() + ",127.0.0.1:" + second.port())
              .deadline(PATIENCE)
              .onUnreachable(OnUnreachable.CLOSED)
              .build()) {
        client.awaitReady(PATIENCE);
        Future<?> resetting =
            threads.submit(
                () -> reset(List.of(first, second), List.of(firstToRedis, secondToRedis)));
        List<Future<?>> load = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
          load.add(threads.submit(() -> askOneByOne(client)));
        }
        load.add(threads.submit(() -> askInBatches(client)));
        load.add(threads.submit(() -> askOnAStream(client)));
        // Both are killed once at least, however fast the calls are.
        do {
          int one = kills % 2;
          servers[one].kill();
          kills++;
          servers[one] = serve(one == 0 ? firstToRedis : secondToRedis, ports[one]);
          awaitAdmitted(admittedByRedis.size() + 500);
        } while (admittedByRedis.size() < CALLS || kills < 2);
        faultsAreOver.set(true);
        resetting.get();
        for (Future<?> each : load) {
          each.get();
        }
        judge(Ledgers.charged(redis), client.retried());
      }
    } finally {
      faultsAreOver.set(true);
      threads.shutdownNow();
      for (AutoCloseable each : open) {
        each.close();
      }
    }
  }

  private void judge(Map<Long, Long> charged, long retried) {
    Map<String, Integer> rest = new TreeMap<>();
    others.forEach(
        other ->
            rest.merge(
                other.failure().map(why -> "" + why.code()).orElse("" + other.source()),
                1,
                Integer::sum));
    String figures =
        "%d calls, %d sent again, %d resets, %d kills: %d admitted by Redis, the others %s; %d charged"
            .formatted(
                lastId.get(), retried, resets, kills, admittedByRedis.size(), rest, charged.size());
    System.out.println("Charged once: " + figures);
    assertEquals(
        List.of(),
        charged.entrySet().stream().filter(each -> each.getValue() != 1).toList(),
        figures);
    assertTrue(charged.keySet().containsAll(admittedByRedis), figures);
    assertTrue(retried > 0, figures);
  }

  private ServerProcess serve(Link redis, int port) {
    return ServerProcess.serve(
        "--redis",
        "redis://127.0.0.1:" + redis.port(),
        "--rules",
        rules.toString(),
        "--grpc-port",
        Integer.toString(port));
  }

  /**
   * Twice a second those to one of the instances. Those to Redis seldom: without Redis an instance
   * answers by itself, and charges nothing.
   */
  private void reset(List<Link> toInstances, List<Link> toRedis) {
    Random random = new Random(13);
    while (!faultsAreOver.get()) {
      LockSupport.parkNanos(1_000_000L * random.nextInt(1_000));
      List<Link> links = random.nextInt(5) == 0 ? toRedis : toInstances;
      links.get(random.nextInt(links.size())).reset();
      resets++;
    }
  }

  private void awaitAdmitted(int count) {
    while (admittedByRedis.size() < count) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private boolean goesOn() {
    return !faultsAreOver.get();
  }

  private static CheckRequest question(long id) {
    return Ledgers.question(id).idempotencyKey("key-" + id);
  }

  private void askOneByOne(LimiterClient client) {
    while (goesOn()) {
      long id = lastId.incrementAndGet();
      note(id, client.check(question(id)));
    }
  }

  private void askInBatches(LimiterClient client) {
    while (goesOn()) {
      List<Long> ids = ids();
      List<Decision> answers = client.checkAll(ids.stream().map(ChargedOnceIT::question).toList());
      for (int i = 0; i < ids.size(); i++) {
        note(ids.get(i), answers.get(i));
      }
    }
  }

  private void askOnAStream(LimiterClient client) {
    try (CheckStream stream = client.stream()) {
      while (goesOn()) {
        List<Long> ids = ids();
        var answers = ids.stream().map(id -> stream.check(question(id))).toList();
        for (int i = 0; i < ids.size(); i++) {
          note(ids.get(i), answers.get(i).join());
        }
      }
    }
  }

  private List<Long> ids() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      ids.add(lastId.incrementAndGet());
    }
    return ids;
  }

  private void note(long id, Decision decision) {
    if (decision.allowed() && decision.source() == Source.REDIS) {
      admittedByRedis.add(id);
    } else {
      others.add(decision);
    }
  }
}
