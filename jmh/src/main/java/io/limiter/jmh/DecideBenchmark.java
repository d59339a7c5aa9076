package io.limiter.jmh;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.limiter.algorithm.Limit;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does a caller wait for one call of the script, and what does a question more in the call
 * add to it? One call under way at a time, one-rule questions over 100,000 counters, all admitted.
 * The figures are microseconds <b>per call</b>: divide by {@code batch} for the share of a
 * decision. {@code baseline} is an EVALSHA that does nothing.
 *
 * <pre>java -jar jmh/target/benchmarks.jar DecideBenchmark [-p redis=redis://127.0.0.1:6379]</pre>
 *
 * Without {@code redis} it starts one of its own. The one given is emptied.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class DecideBenchmark {
  private static final int CALLS = 4_096;

  @Param public BenchedLimit algorithm = BenchedLimit.TOKEN_BUCKET;

  @Param({"1", "16", "64"})
  public int batch;

  @Param("")
  public String redis = "";

  private @Nullable BenchedRedis server;
  private @Nullable RedisAsyncCommands<String, String> commands;
  private DecideCall[] calls = {};
  private String noop = "";
  private int next;

  @Setup
  public void connect() {
    BenchedRedis started = BenchedRedis.at(redis);
    server = started;
    commands = started.connection().async();
    noop = started.connection().sync().scriptLoad("return 1");
    Limit limit = algorithm.of(1_000_000);
    Random random = new Random(1);
    calls = new DecideCall[CALLS];
    for (int i = 0; i < CALLS; i++) {
      calls[i] = DecideCall.of(limit, batch, random);
    }
    calls[0].load(started.connection().sync());
    List<Object> reply = decide();
    if (calls[next].admitted(reply) != batch) {
      throw new IllegalStateException("expected %d admitted, got %s".formatted(batch, reply));
    }
  }

  @TearDown
  public void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Benchmark
  public List<Object> decide() {
    next = (next + 1) % CALLS;
    return calls[next].send(commands()).toCompletableFuture().join();
  }

  @Benchmark
  public Object baseline() {
    return commands().<Object>evalsha(noop, ScriptOutputType.INTEGER).toCompletableFuture().join();
  }

  private RedisAsyncCommands<String, String> commands() {
    if (commands == null) {
      throw new IllegalStateException("not connected");
    }
    return commands;
  }
}
