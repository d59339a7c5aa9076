package io.limiter.jmh;

import com.sun.management.OperatingSystemMXBean;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.fair.Caller;
import io.limiter.server.store.Charge;
import io.limiter.server.store.redis.RedisCounterStore;
import io.limiter.server.store.redis.RedisSettings;
import io.limiter.server.store.redis.StoreListener;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How much more processor time does a decision take in a Redis Cluster of three primaries than in
 * one Redis alone? Asks our own store, in this process, one-rule questions of cost 1 about 100,000
 * counters picked evenly, so many under way at a time. For each it tells the microseconds of Redis,
 * of all members together, and of this process: of the store and of what asks it. Both are asked in
 * turn, round by round, and the order is swapped each time.
 *
 * <pre>
 * java -cp jmh/target/benchmarks.jar io.limiter.jmh.ClusterCpu [--in-flight N] [--rounds N] \
 *     [--questions N]
 * </pre>
 */
public final class ClusterCpu {
  private static final int PRIMARIES = 3;
  private static final int SLOTS = 16_384;
  private static final Limit LIMIT = TokenBucket.of(100_000, 1_000_000, 1_000_000);

  private final List<String> keys =
      IntStream.range(0, DecideCall.KEYS).mapToObj(user -> DecideCall.key(LIMIT, user)).toList();
  private final ExecutorService loop = Executors.newSingleThreadExecutor();
  private final int inFlight;
  private final int questions;
  private final AtomicReference<Throwable> failed = new AtomicReference<>();

  private ClusterCpu(int inFlight, int questions) {
    this.inFlight = inFlight;
    this.questions = questions;
  }

  /** Microseconds for a decision. */
  private record Used(double redis, double service) {}

  /** Prints each round and the medians of their ratios. */
  public static void main(String[] arguments) throws Exception {
    int rounds = option(arguments, "--rounds", 9);
    ClusterCpu run =
        new ClusterCpu(
            option(arguments, "--in-flight", 128), option(arguments, "--questions", 200_000));
    List<BenchedRedis> members = new ArrayList<>();
    try (BenchedRedis alone = BenchedRedis.at("")) {
      for (int i = 0; i < PRIMARIES; i++) {
        members.add(BenchedRedis.member());
      }
      join(members);
      System.out.printf(
          "CPU %s; Redis %s; %d under way%n", Cpu.model(), alone.info().version(), run.inFlight);
      try (RedisCounterStore one = run.store(alone.uri());
          RedisCounterStore three = run.store(uri(members))) {
        run.compare(rounds, List.of(alone), one, members, three);
      }
    } finally {
      members.forEach(BenchedRedis::close);
      run.loop.shutdownNow();
    }
  }

  private static int option(String[] arguments, String name, int otherwise) {
    int at = Arrays.asList(arguments).indexOf(name);
    return at < 0 ? otherwise : Integer.parseInt(arguments[at + 1]);
  }

  private static void join(List<BenchedRedis> members) {
    int first = port(members.get(0));
    for (int i = 0; i < members.size(); i++) {
      int from = SLOTS * i / members.size();
      int to = SLOTS * (i + 1) / members.size();
      var redis = members.get(i).connection().sync();
      redis.clusterAddSlots(IntStream.range(from, to).toArray());
      redis.clusterMeet("127.0.0.1", first);
    }
    for (BenchedRedis one : members) {
      while (!one.connection().sync().clusterInfo().contains("cluster_state:ok")) {
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  private static int port(BenchedRedis redis) {
    return Integer.parseInt(redis.uri().substring(redis.uri().lastIndexOf(':') + 1));
  }

  private static String uri(List<BenchedRedis> members) {
    return members.stream()
        .map(one -> "127.0.0.1:" + port(one))
        .collect(Collectors.joining(",", "redis-cluster://", ""));
  }

  private RedisCounterStore store(String uri) {
    RedisCounterStore store =
        RedisCounterStore.connect(
            RedisSettings.of(uri, Duration.ofSeconds(5)),
            StoreListener.NONE,
            () -> loop,
            () -> Caller.NOBODY);
    while (!store.connected()) {
      LockSupport.parkNanos(20_000_000);
    }
    return store;
  }

  private void compare(
      int rounds,
      List<BenchedRedis> alone,
      RedisCounterStore one,
      List<BenchedRedis> members,
      RedisCounterStore three)
      throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      ask(one);
      ask(three);
    }
    double[] redis = new double[rounds];
    double[] service = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      Used before = i % 2 == 0 ? measure(alone, one) : null;
      Used cluster = measure(members, three);
      Used single = before == null ? measure(alone, one) : before;
      redis[i] = cluster.redis / single.redis;
      service[i] = cluster.service / single.service;
      System.out.printf(
          Locale.ROOT,
          "alone %5.2f + %5.2f µs  cluster %5.2f + %5.2f µs  ratio %.2f, %.2f%n",
          single.redis,
          single.service,
          cluster.redis,
          cluster.service,
          redis[i],
          service[i]);
    }
    Arrays.sort(redis);
    Arrays.sort(service);
    System.out.printf(
        Locale.ROOT,
        "Redis %.2f (%.2f to %.2f), this process %.2f (%.2f to %.2f)%n",
        redis[rounds / 2],
        redis[0],
        redis[rounds - 1],
        service[rounds / 2],
        service[0],
        service[rounds - 1]);
  }

  private Used measure(List<BenchedRedis> redis, RedisCounterStore store)
      throws InterruptedException {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    double redisBefore = micros(redis);
    long before = system.getProcessCpuTime();
    ask(store);
    long after = system.getProcessCpuTime();
    return new Used(
        (micros(redis) - redisBefore) / questions, (after - before) / 1_000.0 / questions);
  }

  private static double micros(List<BenchedRedis> redis) {
    return redis.stream().mapToDouble(one -> one.info().cpuMicros()).sum();
  }

  /** Each answer asks the next, as a caller that keeps so many under way does. */
  private void ask(RedisCounterStore store) throws InterruptedException {
    AtomicLong left = new AtomicLong(questions);
    CountDownLatch over = new CountDownLatch(inFlight);
    Random random = new Random();
    for (int i = 0; i < inFlight; i++) {
      loop.execute(() -> next(store, left, over, random));
    }
    over.await();
    Throwable failure = failed.get();
    if (failure != null) {
      throw new IllegalStateException("a question failed", failure);
    }
  }

  private void next(RedisCounterStore store, AtomicLong left, CountDownLatch over, Random random) {
    if (left.decrementAndGet() < 0) {
      over.countDown();
      return;
    }
    String key = keys.get(random.nextInt(keys.size()));
    var unused =
        store
            .decide(new Charge.Whole(List.of(new Charge.Entry(key, LIMIT, 1))))
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null) {
                    failed.set(failure);
                  }
                  next(store, left, over, random);
                });
  }
}
