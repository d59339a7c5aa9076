package io.limiter.server.cli;

import io.limiter.server.cli.console.Console;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a command asks about: the domain and the attributes. Mixed into each such command. */
@Command
final class Subject {
  @Option(
      names = "--domain",
      required = true,
      paramLabel = "NAME",
      description = "Which set of rules.")
  private String domain = "";

  @Parameters(
      paramLabel = "KEY=VALUE",
      arity = "0..*",
      description = "The request's attributes, such as user=alice; of descriptors, in order.")
  private List<String> arguments = new ArrayList<>();

  String domain() {
    return domain;
  }

  /** Names and values in the order in which they stand. Refuses what is not {@code KEY=VALUE}. */
  List<Map.Entry<String, String>> entries(Console console) {
    List<Map.Entry<String, String>> entries = new ArrayList<>(arguments.size());
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw console.refusal(
            "\"%s\" is not KEY=VALUE; write for example user=alice".formatted(argument));
      }
      entries.add(Map.entry(argument.substring(0, equals), argument.substring(equals + 1)));
    }
    return entries;
  }

  /** The same for whatever has one value for each name. Refuses a name that is given twice. */
  Map<String, String> attributes(Console console) {
    Map<String, String> attributes = new LinkedHashMap<>();
    entries(console)
        .forEach(
            entry -> {
              if (attributes.putIfAbsent(entry.getKey(), entry.getValue()) != null) {
                throw console.refusal(
                    "attribute %s is given twice; give it one value".formatted(entry.getKey()));
              }
            });
    return attributes;
  }
}
