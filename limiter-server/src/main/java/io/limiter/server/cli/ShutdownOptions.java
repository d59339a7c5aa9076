package io.limiter.server.cli;

import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.program.ServiceSettings;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How the service ends. */
@Command
final class ShutdownOptions {
  @Option(
      names = "--shutdown-delay",
      paramLabel = "TIME",
      converter = OptionTypes.Grace.class,
      description = "Time at the end to serve on while health says no, 0s to 10m. Default: 500ms.")
  private Duration shutdownDelay = Duration.ofMillis(500);

  @Option(
      names = "--shutdown-grace",
      paramLabel = "TIME",
      converter = OptionTypes.Grace.class,
      description = "Longest wait for calls under way after that, 0s to 10m. Default: 10s.")
  private Duration shutdownGrace = Duration.ofSeconds(10);

  ServiceSettings.Shutdown settings() {
    return new ServiceSettings.Shutdown(shutdownDelay, shutdownGrace);
  }
}
