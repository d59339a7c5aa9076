package io.limiter.jmh;

import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Step;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does one decision cost where Redis is not asked? It measures the step of each algorithm's
 * Java twin. The counter has been in use long enough that charges come free as fast as new ones are
 * made.
 *
 * <p>{@code baseline} is the loop without a limit: it only lets time pass.
 *
 * <pre>java -jar jmh/target/benchmarks.jar TwinBenchmark</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TwinBenchmark {
  private static final long MOST = 1_000;

  @Param public BenchedLimit algorithm = BenchedLimit.TOKEN_BUCKET;

  /** The pace of the limits: one charge comes free in so many microseconds. */
  private static final long PACE_MICROS = BenchedLimit.MINUTE_MICROS / MOST;

  /**
   * How far time moves on between two questions, in microseconds. At the pace itself a bucket stays
   * as full as it is; the others are asked a little slower, so that no window is ever used up.
   */
  private long tickMicros = PACE_MICROS;

  private Limit limit = BenchedLimit.TOKEN_BUCKET.of(MOST);
  private CounterState state = CounterState.ABSENT;
  private CounterState full = CounterState.ABSENT;
  private long nowMicros;
  private long fullMicros;

  /** Uses the counter for three windows, and fills another one. */
  @Setup
  public void use() {
    limit = algorithm.of(MOST);
    nowMicros = 1_767_225_600_000_000L;
    if (algorithm == BenchedLimit.TOKEN_BUCKET || algorithm == BenchedLimit.LEAKY_BUCKET) {
      state = limit.decide(CounterState.ABSENT, MOST / 2, nowMicros).after();
      tickMicros = PACE_MICROS;
    } else {
      tickMicros = PACE_MICROS * 4 / 3;
    }
    for (long end = nowMicros + 3 * BenchedLimit.MINUTE_MICROS; nowMicros < end; ) {
      admitted();
    }
    // In the middle of a window, so that every denial of a fixed window falls in the one filled.
    fullMicros = nowMicros - nowMicros % BenchedLimit.MINUTE_MICROS;
    full = limit.decide(CounterState.ABSENT, MOST, fullMicros).after();
    if (!(limit.decide(full, MOST, fullMicros + 1).outcome() instanceof Outcome.Denied)) {
      throw new IllegalStateException(limit + " was filled and does not deny");
    }
  }

  @Benchmark
  public long baseline() {
    nowMicros += tickMicros;
    return nowMicros;
  }

  /** Each question is charged, and about as much comes free between two of them. */
  @Benchmark
  public Step admitted() {
    nowMicros += tickMicros;
    Step step = limit.decide(state, 1, nowMicros);
    state = step.after();
    return step;
  }

  /** Each question asks for more than is left, at another moment of the same window. */
  @Benchmark
  public Step denied() {
    nowMicros += tickMicros;
    return limit.decide(full, MOST, fullMicros + nowMicros % (BenchedLimit.MINUTE_MICROS / 2));
  }
}
