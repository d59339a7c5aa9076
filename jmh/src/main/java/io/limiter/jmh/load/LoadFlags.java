package io.limiter.jmh.load;

import io.limiter.jmh.load.flags.FlagTypes;
import io.limiter.jmh.load.flags.PaceFlags;
import io.limiter.jmh.load.flags.TrafficFlags;
import io.limiter.jmh.load.service.ServiceFlags;
import io.limiter.jmh.load.service.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of one run. */
@Command(
    name = "Load",
    description = "How many decisions a second does this service make, and how long do they take?",
    usageHelpWidth = 100,
    sortOptions = false)
final class LoadFlags {
  private static final Set<String> ABOUT_THE_RUN =
      Set.of("--against", "--json", "--write-rules", "--help", "--rounds");

  @Mixin TrafficFlags traffic = new TrafficFlags();
  @Mixin PaceFlags pace = new PaceFlags();
  @Mixin ServiceFlags service = new ServiceFlags();

  @Option(names = "--rounds", description = "Default: 1; with --against 5, of both in turn.")
  int rounds;

  @Option(
      names = "--against",
      paramLabel = "FLAGS",
      description = {
        "Compares: runs this and, in turn with it, the same with these flags replaced, such as",
        "\"--kind health\"."
      })
  @Nullable String against;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the results there.")
  @Nullable Path json;

  @Option(
      names = "--write-rules",
      paramLabel = "DIR",
      description = "Writes the rules there that --target has to serve, and ends.")
  @Nullable Path writeRules;

  @Option(names = "--help", usageHelp = true, description = "Says this, and ends.")
  boolean help;

  /** What was given, for the record. */
  private List<String> given = List.of();

  static CommandLine commandLine(LoadFlags flags) {
    // --against holds flags, and what it repeats replaces what was given before.
    return new CommandLine(flags)
        .setOverwrittenOptionsAllowed(true)
        .setAllowOptionsAsOptionParameters(true)
        .setExpandAtFiles(false);
  }

  /**
   * Reads and checks flags.
   *
   * @throws CommandLine.ParameterException when something is wrong with them; the message says what
   */
  static LoadFlags parse(String... arguments) {
    LoadFlags flags = new LoadFlags();
    CommandLine command = commandLine(flags);
    command.parseArgs(arguments);
    flags.given = List.of(arguments);
    if (!flags.help) {
      try {
        flags.check();
      } catch (IllegalArgumentException wrong) {
        throw new CommandLine.ParameterException(command, String.valueOf(wrong.getMessage()));
      }
    }
    return flags;
  }

  private void check() {
    traffic.check();
    pace.check(traffic.kind);
    service.check();
    FlagTypes.within("--rounds", rounds, 0, 1_000);
    if (against != null) {
      other();
    }
  }

  /** The flags of what this is compared with: these, with those of {@code --against} replaced. */
  LoadFlags other() {
    List<String> replaced = Words.of(against == null ? "" : against);
    if (replaced.stream().anyMatch(LoadFlags::isAgainst)) {
      throw new IllegalArgumentException("--against holds an --against; compare two at a time");
    }
    List<String> merged = new ArrayList<>(own());
    merged.addAll(replaced);
    return parse(merged.toArray(String[]::new));
  }

  /** What was given for this alone, without the comparison. */
  List<String> own() {
    List<String> own = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i).equals("--against")) {
        i++;
      } else if (!isAgainst(given.get(i))) {
        own.add(given.get(i));
      }
    }
    return own;
  }

  /** Every flag that says what is measured, with its value. */
  Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    for (CommandLine.Model.OptionSpec option : commandLine(this).getCommandSpec().options()) {
      String name = option.longestName();
      Object value = option.getValue();
      if (value != null && !ABOUT_THE_RUN.contains(name)) {
        settings.put(name.substring(2), value.toString());
      }
    }
    return settings;
  }

  private static boolean isAgainst(String word) {
    return word.equals("--against") || word.startsWith("--against=");
  }

  /** What tells the service that is asked from others. */
  ServiceFlags.ServiceKey serviceKey() {
    return service.key(traffic.domainRules);
  }

  int rounds() {
    if (rounds > 0) {
      return rounds;
    }
    return against == null ? 1 : 5;
  }
}
