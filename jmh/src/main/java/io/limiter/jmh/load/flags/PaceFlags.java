package io.limiter.jmh.load.flags;

import io.limiter.jmh.load.pace.Arrivals;
import io.limiter.jmh.load.pace.ClosedLoop;
import io.limiter.jmh.load.pace.OpenLoop;
import io.limiter.jmh.load.pace.Pace;
import io.limiter.jmh.load.pace.Ticker;
import io.limiter.jmh.load.traffic.Kind;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import picocli.CommandLine.Option;

/** How much is asked at once, when, and for how long. */
public final class PaceFlags {
  @Option(names = "--connections", description = "Default: 2.")
  public int connections = 2;

  @Option(
      names = "--in-flight",
      description =
          "Calls under way on each connection, each asking anew when answered. Default: 64.")
  int inFlight = 64;

  @Option(
      names = "--rate",
      paramLabel = "PER_SECOND",
      description = {
        "Calls a second, due at given times whether others are answered or not; latency counts from",
        "when a call was due. Default: 0, as fast as --in-flight allows."
      })
  double rate;

  @Option(
      names = "--arrivals",
      converter = FlagTypes.ArrivalChoice.class,
      description = "With --rate: constant or poisson. Default: constant.")
  Arrivals arrivals = Arrivals.CONSTANT;

  @Option(
      names = "--max-in-flight",
      description =
          "With --rate: calls under way in all; what is due beyond is dropped. Default: 10000.")
  int maxInFlight = 10_000;

  @Option(
      names = "--warmup",
      converter = FlagTypes.Time.class,
      description = "Not measured, before the first round, in rounds of 2 s. Default: 5s.")
  public Duration warmup = Duration.ofSeconds(5);

  @Option(
      names = "--time",
      converter = FlagTypes.Time.class,
      description = "Of each round. Default: 10s.")
  public Duration time = Duration.ofSeconds(10);

  public int slotsPerConnection() {
    return rate > 0 ? Math.max(1, maxInFlight / connections) : inFlight;
  }

  /**
   * The pace that is asked for.
   *
   * @param decisions how many there were so far in the round
   */
  public Pace pace(LongSupplier decisions) {
    if (rate > 0) {
      AtomicLong seed = new AtomicLong();
      return new OpenLoop(() -> arrivals.at(rate, seed.incrementAndGet()), Ticker.SYSTEM);
    }
    return new ClosedLoop(decisions);
  }

  public void check(Kind kind) {
    FlagTypes.within("--connections", connections, 1, 1_000);
    FlagTypes.within("--in-flight", inFlight, 1, 100_000);
    FlagTypes.within("--rate", rate, 0, 10_000_000);
    FlagTypes.within("--max-in-flight", maxInFlight, connections, 1_000_000);
    if (kind == Kind.STREAM) {
      FlagTypes.within("--in-flight with --kind stream", inFlight, 1, 1_024);
    }
  }
}
