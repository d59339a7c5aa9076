package io.limiter.server.cli;

import io.limiter.server.api.RateLimitHeaders;
import io.limiter.server.decide.DescriptorRequest;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.envoy.TooLarge;
import io.limiter.server.program.Logs;
import io.limiter.server.program.Service;
import io.limiter.server.program.ServiceSettings;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.live.RulesText;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the service until the process is told to end. */
@Command(
    name = "serve",
    description = "Answers questions until it is told to end (SIGTERM or Ctrl-C).",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "1:it could not start, or the rules have problems",
      "2:a flag, a variable or the configuration file is wrong",
      "143:it was told to end by SIGTERM and did so in good order (130 by Ctrl-C)"
    },
    footer = {
      "",
      "Flags beat LIMITER_* variables (LIMITER_GRPC_PORT for --grpc-port), which beat the",
      "configuration file, which beats the defaults."
    })
final class Serve implements Callable<Integer> {
  private static final int EXIT_FAILED = 1;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with these options as keys, such as grpc-port: 8081.")
  private @Nullable Path config;

  @Option(
      names = "--rules",
      paramLabel = "DIR",
      description = "Directory of rules, one YAML file per domain. Default: bundled samples.")
  private @Nullable Path rules;

  @Option(
      names = "--redis",
      paramLabel = "URI",
      converter = OptionTypes.Redis.class,
      description = "The shared Redis, such as redis://HOST:6379. Default: one of its own.")
  private @Nullable String redis;

  @Option(
      names = "--bind",
      paramLabel = "ADDR",
      converter = OptionTypes.Bind.class,
      description = "Address to listen on. Default: 127.0.0.1.")
  private InetAddress bind = new OptionTypes.Bind().convert("127.0.0.1");

  @Option(
      names = "--grpc-port",
      paramLabel = "N",
      converter = OptionTypes.Port.class,
      description = "Port for gRPC. Default: 8081.")
  private int grpcPort = 8081;

  @Option(
      names = "--http-port",
      paramLabel = "N",
      converter = OptionTypes.Port.class,
      description = "Port for /metrics, /livez, /readyz and /rules. Default: 8080.")
  private int httpPort = 8080;

  @Option(
      names = "--log-json",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Log one JSON object per line. Default: text for people.")
  private boolean logJson;

  @Option(
      names = "--decision-deadline",
      paramLabel = "TIME",
      converter = OptionTypes.Deadline.class,
      description = "Longest wait for Redis, 1ms to 1m. Default: 15ms.")
  private Duration decisionDeadline = Duration.ofMillis(15);

  @Option(
      names = "--deny-cache",
      paramLabel = "TIME",
      converter = OptionTypes.CacheTime.class,
      description = "Longest that a denial is remembered, 0s (not at all) to 1m. Default: 1s.")
  private Duration denyCache = Duration.ofSeconds(1);

  @Option(
      names = "--shutdown-grace",
      paramLabel = "TIME",
      converter = OptionTypes.Grace.class,
      description = "Longest wait for calls under way at the end, 0s to 10m. Default: 10s.")
  private Duration shutdownGrace = Duration.ofSeconds(10);

  @Option(
      names = "--rules-poll",
      paramLabel = "TIME",
      converter = OptionTypes.Poll.class,
      description = "How often to look for changes of the rules, 100ms to 1h. Default: 1s.")
  private Duration rulesPoll = Duration.ofSeconds(1);

  @Option(
      names = "--rls-headers",
      paramLabel = "LIST",
      converter = OptionTypes.Headers.class,
      description =
          "Response headers for Envoy to add: ratelimit, x-ratelimit, retry-after, or none. Default: all.")
  private Set<RateLimitHeaders.Group> rlsHeaders = EnvoySettings.DEFAULTS.headers();

  @Option(
      names = "--rls-metadata",
      paramLabel = "true|false",
      converter = OptionTypes.Switch.class,
      description = "Dynamic metadata for Envoy's other filters. Default: true.")
  private boolean rlsMetadata = true;

  @Option(
      names = "--rls-mode",
      paramLabel = "MODE",
      converter = OptionTypes.RlsMode.class,
      description =
          "For Envoy, whatever the limits say: enforce, shadow or quota. Default: enforce.")
  private DescriptorRequest.Leniency rlsMode = DescriptorRequest.Leniency.NONE;

  @Option(
      names = "--rls-too-large",
      paramLabel = "ANSWER",
      converter = OptionTypes.RlsTooLarge.class,
      description = "For Envoy, to a request beyond a bound: deny, allow or error. Default: deny.")
  private TooLarge rlsTooLarge = TooLarge.DENY;

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() throws InterruptedException {
    Logs.configure(logJson);
    Optional<LoadedRules> loaded = RulesDirectory.load(rules, "--rules", console);
    if (loaded.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    if (!loaded.get().problems().isEmpty()) {
      loaded.get().problems().forEach(console.err()::println);
      console.complain(
          "the rules have %s; correct them to start"
              .formatted(RulesText.count(loaded.get().problems().size(), "problem")));
      return EXIT_FAILED;
    }
    return run(loaded.get());
  }

  private String origin() {
    String from = rules == null ? "the sample rules that come with it" : "the rules in " + rules;
    return config == null ? from : from + " (configured by " + config + ")";
  }

  private int run(LoadedRules loaded) throws InterruptedException {
    ServiceSettings settings =
        new ServiceSettings(
            new ServiceSettings.Listen(bind, grpcPort, httpPort),
            new ServiceSettings.Counting(Optional.ofNullable(redis), decisionDeadline, denyCache),
            new EnvoySettings(rlsHeaders, rlsMetadata, rlsMode, rlsTooLarge),
            rulesPoll,
            shutdownGrace);
    Service service;
    try {
      Clock clock = Clock.systemUTC();
      LiveRules live =
          rules == null ? LiveRules.fixed(loaded, clock) : LiveRules.of(rules, loaded, clock);
      service = Service.start(settings, live, origin());
    } catch (IOException e) {
      console.complain(String.valueOf(e.getMessage()));
      return EXIT_FAILED;
    }
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  service.close();
                  ended.countDown();
                },
                "shutdown"));
    ended.await();
    return 0;
  }
}
