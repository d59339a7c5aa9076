package io.limiter.server.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.limiter.server.store.redis.SentinelRedis;
import io.limiter.server.store.redis.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances of the service under steady load, while one thing after another goes wrong around
 * them. What came of it is printed as a table, which {@code deploy/FAILURES.md} carries.
 *
 * <p>{@code -Dlimiter.test.soak=10m} goes on for so long, with long faults in a random order, also
 * with those that other tests prove too, with Sentinels and in a Cluster.
 */
@Timeout(7_200)
class FaultSuiteIT {
  private static final Duration SOAK = Soak.time();
  private static final Duration PAUSE = Duration.ofSeconds(SOAK.isZero() ? 3 : 5);
  private static final int LONGER = 10;
  private static final FaultTable table = new FaultTable();

  @TempDir private Path temp;
  private Path rules;

  @BeforeEach
  void write() throws IOException {
    rules = Files.createDirectory(temp.resolve("rules"));
    Files.writeString(rules.resolve("faults.yaml"), Caller.RULES);
  }

  @AfterAll
  static void print() throws IOException {
    table.print();
  }

  static boolean soaks() {
    return !SOAK.isZero();
  }

  @Test
  void whateverBreaks_callersAreAnsweredInTime_limitsHoldAsStated_andNothingIsChargedTwice()
      throws Exception {
    try (OneRedis redis = new OneRedis(temp);
        Services services = new Services(redis.uri(), rules);
        Callers callers = new Callers(services.target())) {
      FaultRun run = new FaultRun(services, callers, () -> List.of(redis.redis().uri()), table);
      List<Fault> faults = new OneRedisFaults(redis, services, PAUSE).all();
      for (Fault fault : faults) {
        if (fault.often() || soaks()) {
          run.meet(fault);
        }
      }
      Random random = new Random(Soak.SEED);
      long end = System.nanoTime() + SOAK.toNanos();
      while (System.nanoTime() - end < 0) {
        Fault fault = faults.get(random.nextInt(faults.size()));
        run.meet(fault.holding(fault.hold().multipliedBy(1 + random.nextInt(LONGER))));
      }
    }
    assertEquals("", table.broken());
  }

  @Test
  @EnabledIf(value = "soaks", disabledReason = "runs with -Dlimiter.test.soak=1s")
  void withSentinels() throws Exception {
    try (SentinelRedis redis = new SentinelRedis(temp);
        Services services = new Services(redis.uri(), rules);
        Callers callers = new Callers(services.target())) {
      SentinelFaults faults = new SentinelFaults(redis);
      FaultRun run = new FaultRun(services, callers, faults::primaries, table);
      for (Fault fault : faults.all()) {
        run.meet(fault);
      }
    }
    assertEquals("", table.broken());
  }

  @Test
  @EnabledIf(value = "soaks", disabledReason = "runs with -Dlimiter.test.soak=1s")
  void inACluster() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, /* replicas= */ true);
        Services services = new Services(cluster.uri(), rules);
        Callers callers = new Callers(services.target())) {
      ClusterFaults faults = new ClusterFaults(cluster, callers::turn);
      FaultRun run = new FaultRun(services, callers, faults::primaries, table);
      for (Fault fault : faults.all()) {
        run.meet(fault);
      }
    }
    assertEquals("", table.broken());
  }
}
