package io.limiter.server.cli;

import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.cli.console.Console;
import io.limiter.server.cli.console.VersionText;
import io.limiter.server.cli.environment.EnvoyVariables;
import io.limiter.server.cli.option.AccessOptions;
import io.limiter.server.cli.option.BoundOptions;
import io.limiter.server.cli.option.EnvoyOptions;
import io.limiter.server.cli.option.LogOptions;
import io.limiter.server.cli.option.OptionTypes;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.program.Ending;
import io.limiter.server.program.Service;
import io.limiter.server.program.ServiceSettings;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.rules.live.RulesText;
import io.limiter.server.store.endpoint.RedisEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
      "1:it could not start, or no file of rules is in order",
      "2:a flag, a variable or the configuration file is wrong",
      "143:it was told to end by SIGTERM and did so in good order (130 by Ctrl-C)"
    },
    footer = {
      "",
      "Flags beat LIMITER_* variables (LIMITER_GRPC_PORT for --grpc-port), which beat",
      "the configuration file, which beats the defaults."
    })
final class Serve implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(Serve.class);
  private static final int EXIT_FAILED = 1;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      converter = OptionTypes.File.class,
      description = "YAML file with these options as keys, such as grpc-port: 8081.")
  private @Nullable Path config;

  @Option(
      names = "--rules",
      paramLabel = "DIR",
      converter = OptionTypes.File.class,
      description = "Directory of rules, one YAML file per domain.")
  private @Nullable Path rules;

  @Option(
      names = "--demo",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description =
          "To try it: sample rules without --rules, a Redis of its own without --redis."
              + " Default: false.")
  private boolean demo;

  @Option(
      names = "--decision-deadline",
      paramLabel = "TIME",
      converter = OptionTypes.Deadline.class,
      description = "Wait for Redis if the caller names no deadline, 1ms to 1m. Default: 100ms.")
  private Duration decisionDeadline = Duration.ofMillis(100);

  @Option(
      names = "--decision-deadline-max",
      paramLabel = "TIME",
      converter = OptionTypes.Deadline.class,
      description = "Longest wait for Redis whatever the caller says, 1ms to 1m. Default: 1s.")
  private Duration decisionDeadlineMax = Duration.ofSeconds(1);

  @Option(
      names = "--deny-cache",
      paramLabel = "TIME",
      converter = OptionTypes.CacheTime.class,
      description = "Longest that a denial is remembered, 0s (not at all) to 1m. Default: 1s.")
  private Duration denyCache = Duration.ofSeconds(1);

  @Option(
      names = "--rules-poll",
      paramLabel = "TIME",
      converter = OptionTypes.Poll.class,
      description = "How often to look for changes of the rules, 100ms to 1h. Default: 1s.")
  private Duration rulesPoll = Duration.ofSeconds(1);

  @Option(
      names = "--unknown-domain",
      paramLabel = "ANSWER",
      converter = OptionTypes.Unknown.class,
      description =
          "What questions about a domain without rules get: allow, deny or error. Default: allow.")
  private UnknownDomain unknownDomain = UnknownDomain.ALLOW;

  @Mixin private final EnvoyOptions envoy = new EnvoyOptions();
  @Mixin private final ListenOptions listen = new ListenOptions();
  @Mixin private final BoundOptions bounds = new BoundOptions();
  @Mixin private final AccessOptions access = new AccessOptions();
  @Mixin private final RedisOptions redis = new RedisOptions();
  @Mixin private final LogOptions logs = new LogOptions();

  @Mixin private final Console console = new Console();

  @Override
  public Integer call() throws InterruptedException {
    if (!demo && (rules == null || !redis.isGiven())) {
      refuse();
      return Main.EXIT_USAGE;
    }
    Optional<RedisEndpoint> endpoint = redis.endpoint();
    ServiceSettings.Listen ports = listen.settings(console);
    if (listen.strict() && !ports.inClear().isEmpty()) {
      ports.inClear().forEach(console::complain);
      return Main.EXIT_USAGE;
    }
    Optional<AccessFiles> callers = access.settings();
    logs.configure();
    ports.inClear().forEach(log::warn);
    warn();
    Optional<LoadedRules> loaded = RulesDirectory.load(rules, "--rules", console);
    if (loaded.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    boolean anyGood = loaded.get().files().stream().anyMatch(file -> file.good() && !file.prices());
    if (!loaded.get().problems().isEmpty() && !anyGood) {
      loaded.get().problems().forEach(console.err()::println);
      console.complain(
          "the rules have %s; correct them to start"
              .formatted(RulesText.count(loaded.get().problems().size(), "problem")));
      return EXIT_FAILED;
    }
    if (loaded.get().files().isEmpty()) {
      console.complain(
          "--rules: %s holds no file of rules, so nothing would be limited; put one there, such as shop.yaml"
              .formatted(rules));
      return Main.EXIT_USAGE;
    }
    return run(loaded.get(), endpoint, ports, callers);
  }

  /** Where it listens. */
  ListenOptions listen() {
    return listen;
  }

  /** A limiter that limits nothing, or counts where nobody else does, must not look healthy. */
  private void refuse() {
    String setRules = "set --rules DIR (LIMITER_RULES)";
    String setRedis = "set --redis redis://HOST:6379 (LIMITER_REDIS)";
    console.complain(
        rules != null
            ? "there is no Redis to count in; %s, or add --demo for one of its own, to try it"
                .formatted(setRedis)
            : redis.isGiven()
                ? "there are no rules, so nothing would be limited; %s, or add --demo for samples"
                    .formatted(setRules)
                : "there are neither rules nor a Redis, so nothing would be limited; %s and %s, or try it with serve --demo"
                    .formatted(setRules, setRedis));
    List<String> replacements =
        EnvoyVariables.replacements(OptionSources.environment(console.command()));
    if (!replacements.isEmpty()) {
      console.complain("the variables of envoyproxy/ratelimit are not read:");
      replacements.forEach(line -> console.complain("  " + line));
    }
  }

  private void warn() {
    OptionSources.unread(console.command()).warnings().forEach(log::warn);
    if (redis.passwordIsInFlag()) {
      log.warn(
          "Every user of this host can read the password in --redis;"
              + " set LIMITER_REDIS instead, or --redis-password-file");
    }
    if (demo && rules != null && redis.isGiven()) {
      log.warn("--demo changes nothing, since --rules and --redis are named; leave it out");
    } else if (demo) {
      String sample = rules == null ? "sample rules" : "the rules in " + rules;
      String counting = redis.isGiven() ? "the Redis that is named" : "a Redis of its own";
      log.warn("This is a demo, with {} on {}; not for production", sample, counting);
    }
  }

  private String origin() {
    String from = rules == null ? "the sample rules that come with it" : "the rules in " + rules;
    return config == null ? from : from + " (configured by " + config + ")";
  }

  private int run(
      LoadedRules loaded,
      Optional<RedisEndpoint> endpoint,
      ServiceSettings.Listen ports,
      Optional<AccessFiles> callers)
      throws InterruptedException {
    ServiceSettings settings =
        new ServiceSettings(
            ports,
            new ServiceSettings.Counting(
                endpoint, decisionDeadline, decisionDeadlineMax, denyCache, unknownDomain),
            envoy.settings(),
            rulesPoll,
            listen.warmUp(demo),
            listen.shutdown(),
            bounds.bounds(),
            callers,
            access.auditLog());
    try (Ending ending = Ending.prepare(listen.shutdown().longest())) {
      Clock clock = Clock.systemUTC();
      LiveRules live =
          rules == null ? LiveRules.fixed(loaded, clock) : LiveRules.of(rules, loaded, clock);
      Service service = Service.start(settings, live, origin());
      ending.await(service::close);
      return 0;
    } catch (IOException e) {
      console.complain(String.valueOf(e.getMessage()));
      return EXIT_FAILED;
    }
  }
}
