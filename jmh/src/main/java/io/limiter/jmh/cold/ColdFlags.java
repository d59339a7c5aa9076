package io.limiter.jmh.cold;

import io.limiter.jmh.load.flags.FlagTypes;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The flags of one run. */
@Command(
    name = "ColdStart",
    description = "What becomes of the first questions after a start?",
    usageHelpWidth = 100,
    sortOptions = false)
final class ColdFlags {
  @Option(
      names = "--program",
      paramLabel = "COMMAND",
      description = "What is started. Default: ${DEFAULT-VALUE}.")
  String program = "java -jar limiter-server/target/limiter-server.jar";

  @Option(
      names = "--against",
      paramLabel = "COMMAND",
      description = "Another program, started in turn with it; who is first changes.")
  String against = "";

  @Option(names = "--starts", description = "Of each program. Default: 5.")
  int starts = 5;

  @Option(names = "--rate", description = "Questions a second. Default: 5000.")
  double rate = 5_000;

  @Option(
      names = "--deadline",
      converter = FlagTypes.Time.class,
      description = "How long each caller waits. Default: 50ms.")
  Duration deadline = Duration.ofMillis(50);

  @Option(
      names = "--time",
      converter = FlagTypes.Time.class,
      description = "How long is asked from when the port answers. Default: 1s.")
  Duration time = Duration.ofSeconds(1);

  @Option(
      names = "--pause",
      converter = FlagTypes.Time.class,
      description = "From when the port answers until the first question. Default: 0ms.")
  Duration pause = Duration.ZERO;

  @Option(names = "--connections", description = "Default: 4.")
  int connections = 4;

  @Option(names = "--envoy", description = "Asks by Envoy's protocol.")
  boolean envoy;

  @Option(
      names = "--round-trip",
      paramLabel = "LEAST-MOST",
      description = "Redis is behind a proxy of so many milliseconds, such as 6-16.")
  String roundTrip = "";

  @Option(
      names = "--exact",
      description = {
        "Starts three at a time. 48 callers ask them together for ten times the limit of one counter,",
        "while as many threads as there are processors are busy. --deadline should be 10s."
      })
  boolean exact;

  @Option(
      names = "--warmup",
      converter = FlagTypes.Time.class,
      description = "How long the generator warms up against another service. Default: 12s.")
  Duration warmup = Duration.ofSeconds(12);

  @Option(names = "--help", usageHelp = true, description = "Says this, and ends.")
  boolean help;

  /**
   * Checks what was given.
   *
   * @throws IllegalArgumentException when something is wrong; the message says what
   */
  void check() {
    FlagTypes.within("--starts", starts, 1, 1_000);
    FlagTypes.within("--rate", rate, 1, 1_000_000);
    FlagTypes.within("--connections", connections, 1, 1_000);
    if (!roundTrip.isEmpty() && !roundTrip.matches("\\d{1,4}-\\d{1,4}")) {
      throw new IllegalArgumentException(
          "--round-trip \"%s\" is no range of milliseconds; write it as 6-16".formatted(roundTrip));
    }
  }
}
