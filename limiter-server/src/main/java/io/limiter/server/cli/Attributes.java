package io.limiter.server.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The request's attributes, as the arguments of a command. */
final class Attributes {
  private Attributes() {}

  /** Names and values in order. Refuses what is not {@code KEY=VALUE}. */
  static List<Map.Entry<String, String>> of(List<String> arguments, Console console) {
    List<Map.Entry<String, String>> attributes = new ArrayList<>(arguments.size());
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw console.refusal(
            "\"%s\" is not KEY=VALUE; write for example user=alice".formatted(argument));
      }
      attributes.add(Map.entry(argument.substring(0, equals), argument.substring(equals + 1)));
    }
    return attributes;
  }
}
