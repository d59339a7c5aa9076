package io.limiter.jmh;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many decisions does a process get from one Redis, and how long does each take, beside other
 * limiters for Java? 1, 8 and 64 callers that wait for their answer, on one hot key and on 100,000
 * keys picked evenly. Every key may take a million a second, and every question is admitted; one
 * that is not fails the benchmark.
 *
 * <p>Throughput is in thousands a second ({@code ops/ms}); the sampled times, p99 among them, are
 * in milliseconds.
 *
 * <pre>java -jar jmh/target/benchmarks.jar PeersBenchmark -rf json -rff jmh/results/peers.json
 * </pre>
 *
 * Each fork starts a Redis of its own, all alike. With {@code -p redis=redis://127.0.0.1:6379} all
 * use that one, which each of them empties first. {@code -bm thrpt} leaves the times out.
 */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.Throughput, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 3)
@Fork(1)
public class PeersBenchmark {
  @Param public Peer peer = Peer.LIMITER;

  @Param({"1", "100000"})
  public int keys;

  @Param("")
  public String redis = "";

  private @Nullable BenchedRedis server;
  private @Nullable PeerLimiter limiter;

  @Setup
  public void connect() {
    BenchedRedis started = BenchedRedis.at(redis);
    server = started;
    List<String> names =
        IntStream.range(0, keys).mapToObj(key -> DecideCall.key(StorePeer.LIMIT, key)).toList();
    limiter = peer.connect(started.uri(), names);
  }

  @TearDown
  public void stop() {
    if (limiter != null) {
      limiter.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Benchmark
  @Threads(1)
  public void callers1() {
    ask();
  }

  @Benchmark
  @Threads(8)
  public void callers8() {
    ask();
  }

  @Benchmark
  @Threads(64)
  public void callers64() {
    ask();
  }

  private void ask() {
    if (limiter == null) {
      throw new IllegalStateException("not connected");
    }
    if (!limiter.admits(ThreadLocalRandom.current().nextInt(keys))) {
      throw new IllegalStateException(peer + " denied; nothing here may be denied");
    }
  }
}
