package io.limiter.jmh.load.service;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Whom to ask. */
public final class ServiceFlags {
  @Option(
      names = "--target",
      paramLabel = "HOST:PORT",
      description = "A service that runs already. Default: one is started, and ended afterwards.")
  String target = "";

  @Option(
      names = "--redis",
      paramLabel = "URI",
      description = {
        "The Redis whose work is reported, and that a service started here counts in. Its counters",
        "are written, the rest is left alone. Default: one of its own for a service started here."
      })
  String redis = "";

  @Option(names = "--server-jar", description = "The service to start. Default: ${DEFAULT-VALUE}.")
  Path serverJar = Path.of("limiter-server", "target", "limiter-server.jar");

  @Option(
      names = "--server-flags",
      paramLabel = "FLAGS",
      description = "For its JVM, such as \"-Xmx512m -XX:+UseSerialGC\".")
  String serverFlags = "";

  @Option(
      names = "--serve-args",
      paramLabel = "ARGS",
      description = "More flags for serve, such as \"--decision-deadline 100ms\".")
  public String serveArgs = "";

  /**
   * Equal for flags that mean the same service.
   *
   * @param domainRules as they are asked for
   */
  public ServiceKey key(int domainRules) {
    return target.isEmpty()
        ? new ServiceKey("", redis, serverJar, serverFlags, serveArgs, domainRules)
        : new ServiceKey(target, redis, Path.of(""), "", "", 0);
  }

  public void check() {
    if (!target.isEmpty() && !target.matches(".+:\\d{1,5}")) {
      throw new IllegalArgumentException(
          "--target \"%s\" is no HOST:PORT; write it as 127.0.0.1:8081".formatted(target));
    }
    Words.of(serverFlags);
    Words.of(serveArgs);
  }

  /**
   * What tells services apart.
   *
   * @param target of one that runs already, or empty
   * @param domainRules in a domain of one that is started: many are not to slow few down
   */
  public record ServiceKey(
      String target,
      String redis,
      Path serverJar,
      String serverFlags,
      String serveArgs,
      int domainRules) {}
}
