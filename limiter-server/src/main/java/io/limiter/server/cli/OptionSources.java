package io.limiter.server.cli;

import io.limiter.server.cli.environment.LimiterVariables;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option's value comes from when it is not among the flags: the environment, else the
 * configuration file of a command that has one. An empty variable counts as absent.
 */
final class OptionSources implements IDefaultValueProvider {
  private static final String CONFIG = "--config";

  private final Map<String, String> environment;
  private final String[] flags;
  private final IdentityHashMap<ArgSpec, String> origins = new IdentityHashMap<>();
  private @Nullable ConfigFile file;

  OptionSources(Map<String, String> environment, String... flags) {
    this.environment = environment;
    this.flags = flags.clone();
  }

  @Override
  public @Nullable String defaultValue(ArgSpec arg) {
    if (!(arg instanceof OptionSpec option)
        || option.usageHelp()
        || option.versionHelp()
        || given(option.longestName())) {
      return null;
    }
    String variable = variable(option.longestName());
    String value = environment.getOrDefault(variable, "");
    if (!value.isEmpty() && !LimiterVariables.isServiceLink(variable, value)) {
      origins.put(arg, variable);
      return verbatim(value);
    }
    ConfigFile.Entry entry = fileFor(option).entries().get(key(option));
    if (entry == null) {
      return null;
    }
    origins.put(arg, entry.place() + ": " + key(option));
    return verbatim(entry.text());
  }

  /** The environment that the program was given. */
  static Map<String, String> environment(CommandSpec command) {
    return ((OptionSources) command.defaultValueProvider()).environment;
  }

  /** Those of its variables that begin as ours do, and that no option of a command reads. */
  static LimiterVariables unread(CommandSpec command) {
    return LimiterVariables.of(
        environment(command), Main.variables(command.root()), Main.variables(command));
  }

  /** Keeps picocli from replacing what looks like a variable of its own: it may be a password. */
  private static String verbatim(String value) {
    return value.replace("${", "$${");
  }

  /** How a message names an option: by the flag, or by where else its value was found. */
  String origin(ArgSpec arg) {
    String elsewhere = origins.get(arg);
    if (elsewhere != null) {
      return elsewhere;
    }
    return arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel();
  }

  /** The variable that stands for an option: {@code LIMITER_GRPC_PORT} for {@code --grpc-port}. */
  static String variable(String flag) {
    return "LIMITER_" + flag.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private ConfigFile fileFor(OptionSpec option) {
    if (option.command().findOption(CONFIG) == null || option.longestName().equals(CONFIG)) {
      return ConfigFile.NONE;
    }
    ConfigFile read = file;
    if (read == null) {
      String path = path();
      read = path.isEmpty() ? ConfigFile.NONE : ConfigFile.read(Path.of(path), option.command());
      file = read;
    }
    return read;
  }

  /** Options are given their defaults before flags are read, so this flag has to be found here. */
  private String path() {
    for (int i = 0; i < flags.length; i++) {
      if (flags[i].startsWith(CONFIG + "=")) {
        return flags[i].substring(CONFIG.length() + 1);
      }
      if (flags[i].equals(CONFIG) && i + 1 < flags.length) {
        return flags[i + 1];
      }
    }
    return environment.getOrDefault(variable(CONFIG), "");
  }

  private boolean given(String name) {
    for (String flag : flags) {
      if (flag.equals(name) || flag.startsWith(name + "=")) {
        return true;
      }
    }
    return false;
  }

  private static String key(OptionSpec option) {
    return option.longestName().substring(2);
  }
}
