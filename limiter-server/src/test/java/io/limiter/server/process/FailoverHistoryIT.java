package io.limiter.server.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.RuleStatus;
import io.limiter.ledger.FailureMode;
import io.limiter.testing.Await;
import io.limiter.testing.history.Counter;
import io.limiter.testing.history.Event;
import io.limiter.testing.history.Event.Answer;
import io.limiter.testing.history.Event.By;
import io.limiter.testing.history.Faults;
import io.limiter.testing.history.History;
import io.limiter.testing.history.HistoryCheck;
import io.limiter.testing.history.Recorder;
import io.limiter.testing.history.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances under load, while Redis is killed and begins anew, stands still, fails over to a
 * replica that lacks the last charges, and hands over to one that lacks nothing. Every admission is
 * one of Redis, of a share, or of a loss that is stated.
 *
 * <p>{@code -Dlimiter.test.failovers=100} makes it longer, and {@code -Dlimiter.test.seed} repeats
 * the order of a run that failed.
 */
class FailoverHistoryIT {
  private static final int ROUNDS = (int) number("limiter.test.failovers", 4) / 4;
  private static final long SEED = number("limiter.test.seed", System.nanoTime());
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final List<String> INSTANCES = List.of("a", "b");
  private static final int CALLERS = 2;
  private static final int VALUES = 2;
  private static final long SECOND = 1_000_000;

  /** Shares are small, so that each instance denies while Redis is away. */
  private static final String RULES =
      """
      domain: history
      rules:
        - { name: w, key: [window], algorithm: fixed-window, limit: 40, window: 1s }
        - { name: h, key: [hour], algorithm: fixed-window, limit: 200, window: 1h }
        - { name: l, key: [log], algorithm: sliding-log, limit: 30, window: 1s }
        - { name: b, key: [bucket], algorithm: token-bucket, rate: 20/s, burst: 40 }
        - { name: o, key: [open], algorithm: fixed-window, limit: 20, window: 1s, on-redis-failure: open }
        - { name: c, key: [closed], algorithm: sliding-log, limit: 20, window: 1s, on-redis-failure: closed }
      """;

  private static final Map<String, Counter> COUNTERS =
      Map.of(
          "window",
          new Counter(FixedWindow.per(SECOND, 40), FailureMode.LOCAL),
          "hour",
          new Counter(FixedWindow.per(3_600 * SECOND, 200), FailureMode.LOCAL),
          "log",
          new Counter(new SlidingLog(30, SECOND), FailureMode.LOCAL),
          "bucket",
          new Counter(TokenBucket.of(20, SECOND, 40), FailureMode.LOCAL),
          "open",
          new Counter(FixedWindow.per(SECOND, 20), FailureMode.OPEN),
          "closed",
          new Counter(new SlidingLog(20, SECOND), FailureMode.CLOSED));

  private final Recorder recorder = new Recorder();
  private final AtomicBoolean over = new AtomicBoolean();

  @TempDir private Path rules = Path.of("");

  private static long number(String property, long otherwise) {
    String text = System.getProperty(property, "");
    return text.isBlank() ? otherwise : Long.parseLong(text);
  }

  /** What happens to Redis. */
  private enum Fault {
    EMPTY {
      @Override
      void happen(FailoverRedis redis, FailoverHistoryIT test) {
        redis.beginEmpty(() -> test.awaitAnswers(By.LOCAL));
      }
    },
    PAUSE {
      @Override
      void happen(FailoverRedis redis, FailoverHistoryIT test) {
        redis.pause(() -> test.awaitAnswers(By.LOCAL));
      }
    },
    PROMOTION {
      @Override
      void happen(FailoverRedis redis, FailoverHistoryIT test) {
        redis.promote(() -> test.awaitAnswers(By.REDIS), () -> test.awaitAnswers(By.LOCAL));
      }
    },
    HAND_OVER {
      @Override
      void happen(FailoverRedis redis, FailoverHistoryIT test) {
        redis.handOver();
      }
    };

    abstract void happen(FailoverRedis redis, FailoverHistoryIT test);
  }

  @Test
  void everyAdmission_isOfRedis_orOfAShare_orOfAStatedLoss() throws Exception {
    Files.writeString(rules.resolve("history.yaml"), RULES);
    ExecutorService threads = Executors.newCachedThreadPool();
    List<AutoCloseable> open = new ArrayList<>();
    try (FailoverRedis redis = new FailoverRedis(recorder::now)) {
      List<Future<?>> load = new ArrayList<>();
      List<ServerProcess> servers = new ArrayList<>();
      for (int i = 0; i < INSTANCES.size(); i++) {
        servers.add(ServerProcess.serve("--redis", redis.uri(), "--rules", rules.toString()));
        open.add(servers.get(i));
      }
      for (ServerProcess server : servers) {
        Await.until(() -> server.get("/metrics").contains("limiter_instances 2.0\n"));
      }
      Random random = new Random(SEED);
      for (int i = 0; i < INSTANCES.size(); i++) {
        LimiterClient client =
            LimiterClient.to(servers.get(i).grpc())
                .deadline(PATIENCE)
                .onUnreachable(OnUnreachable.CLOSED)
                .build();
        open.add(client);
        for (int j = 0; j < CALLERS; j++) {
          String instance = INSTANCES.get(i);
          Random own = new Random(random.nextLong());
          load.add(threads.submit(() -> ask(instance, client, own)));
        }
      }
      List<Fault> happened = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        List<Fault> faults = new ArrayList<>(List.of(Fault.values()));
        Collections.shuffle(faults, random);
        for (Fault fault : faults) {
          awaitAnswers(By.REDIS);
          happened.add(fault);
          fault.happen(redis, this);
        }
      }
      awaitAnswers(By.REDIS);
      over.set(true);
      for (Future<?> each : load) {
        each.get();
      }
      judge(redis, happened);
    } finally {
      over.set(true);
      threads.shutdownNow();
      for (AutoCloseable each : open) {
        each.close();
      }
    }
  }

  private void judge(FailoverRedis redis, List<Fault> happened) {
    Map<String, Counter> counters = new HashMap<>();
    COUNTERS.forEach(
        (name, counter) -> {
          for (int value = 0; value < VALUES; value++) {
            counters.put(name + value, counter);
          }
        });
    int instances = INSTANCES.size();
    Faults faults =
        new Faults(redis.lives(), redis.pauses(), instances, instances, PATIENCE.toNanos() / 1_000);
    List<Event> events = recorder.events();
    Verdict verdict = HistoryCheck.check(new History(counters, events, faults));
    System.out.println("Failover history: " + happened + ": " + verdict.figures());
    assertTrue(
        verdict.isExplained(),
        () -> "-Dlimiter.test.seed=" + SEED + ", " + happened + ": " + verdict);
    for (By by : List.of(By.REDIS, By.LOCAL, By.OPEN, By.CLOSED)) {
      assertTrue(verdict.answers().getOrDefault(by, 0L) > 0, verdict::figures);
    }
  }

  /** Waits until each instance was answered so a while longer. */
  private void awaitAnswers(By by) {
    int more = by == By.LOCAL ? 300 : 100;
    Map<String, Long> before = new HashMap<>();
    INSTANCES.forEach(instance -> before.put(instance, recorder.answers(instance, by)));
    Await.until(
        () ->
            before.entrySet().stream()
                .allMatch(each -> recorder.answers(each.getKey(), by) >= each.getValue() + more));
  }

  private void ask(String instance, LimiterClient client, Random random) {
    List<String> names = COUNTERS.keySet().stream().sorted().toList();
    while (!over.get()) {
      String name = names.get(random.nextInt(names.size()));
      int value = random.nextInt(VALUES);
      int cost = 1 + random.nextInt(3);
      CheckRequest request = CheckRequest.in("history").attribute(name, "" + value).cost(cost);
      recorder.ask(instance, name + value, cost, () -> answer(client.check(request)));
    }
  }

  private static Answer answer(Decision decision) {
    By by =
        switch (decision.source()) {
          case REDIS -> By.REDIS;
          case DENY_CACHE -> By.DENY_CACHE;
          case LOCAL_FALLBACK -> By.LOCAL;
          case FAIL_OPEN -> By.OPEN;
          case FAIL_CLOSED -> By.CLOSED;
          case CLIENT -> By.NOBODY;
          default -> throw new AssertionError("answered by " + decision);
        };
    if (by == By.NOBODY) {
      return Answer.NONE;
    }
    RuleStatus.Quota quota = decision.statuses().get(0).quota();
    return new Answer(
        by, decision.allowed(), quota.remaining(), quota.resetAfter().toNanos() / 1_000);
  }
}
