package io.limiter.server.cli;

import io.limiter.server.rules.Suggestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * A configuration file: a YAML mapping from options, without their dashes, to values. Values are
 * taken as they are written and checked like flags.
 */
record ConfigFile(Map<String, Entry> entries) {
  static final ConfigFile NONE = new ConfigFile(Map.of());

  ConfigFile {
    entries = Map.copyOf(entries);
  }

  /**
   * One value.
   *
   * @param place where it stands, such as {@code limiter.yaml:3:12}
   */
  record Entry(String text, String place) {}

  /**
   * Reads one.
   *
   * @param command whose options it may set
   * @throws ParameterException with every problem, each with its file, line and column
   */
  static ConfigFile read(Path path, CommandSpec command) {
    Reading reading = new Reading(path, command);
    Map<String, Entry> entries = reading.entries();
    if (!reading.problems.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), String.join("\nlimiter: ", reading.problems));
    }
    return new ConfigFile(entries);
  }

  private static final class Reading {
    private final Path path;
    private final TreeSet<String> known = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    Reading(Path path, CommandSpec command) {
      this.path = path;
      command.options().stream()
          .filter(
              option ->
                  !option.usageHelp()
                      && !option.versionHelp()
                      && !option.longestName().equals("--config"))
          .forEach(option -> known.add(option.longestName().substring(2)));
    }

    Map<String, Entry> entries() {
      Map<String, Entry> entries = new HashMap<>();
      Optional<Node> root = root();
      if (root.isEmpty()) {
        return entries;
      }
      if (!(root.get() instanceof MappingNode mapping)) {
        add(root.get(), "is not a mapping; write lines such as grpc-port: 8081");
        return entries;
      }
      for (NodeTuple tuple : mapping.getValue()) {
        put(entries, tuple.getKeyNode(), tuple.getValueNode());
      }
      return entries;
    }

    private void put(Map<String, Entry> entries, Node keyNode, Node valueNode) {
      String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "";
      if (!known.contains(key)) {
        String remedy =
            Suggestion.nearestName(key, known, '-')
                .map("did you mean %s?"::formatted)
                .orElseGet(() -> "use " + Suggestion.oneOf(known));
        add(keyNode, "unknown key \"%s\"; %s".formatted(key, remedy));
      } else if (!(valueNode instanceof ScalarNode value)) {
        add(valueNode, key + " is not one value; write it on one line");
      } else if (entries.put(key, new Entry(value.getValue(), place(valueNode))) != null) {
        add(keyNode, key + " stands here for the second time; keep one");
      }
    }

    private Optional<Node> root() {
      try {
        LoadSettings settings =
            LoadSettings.builder().setLabel(path.toString()).setAllowDuplicateKeys(true).build();
        return new Compose(settings).composeString(Files.readString(path));
      } catch (MarkedYamlEngineException e) {
        problems.add(place(e.getProblemMark()) + ": " + e.getProblem() + "; correct the YAML");
      } catch (YamlEngineException e) {
        problems.add(path + ":1:1: " + e.getMessage() + "; correct the YAML");
      } catch (IOException e) {
        problems.add("--config: %s cannot be read; name a file that is there".formatted(path));
      }
      return Optional.empty();
    }

    private void add(Node node, String problem) {
      problems.add(place(node) + ": " + problem);
    }

    private String place(Node node) {
      return place(node.getStartMark());
    }

    private String place(Optional<Mark> mark) {
      int line = mark.map(Mark::getLine).orElse(0) + 1;
      int column = mark.map(Mark::getColumn).orElse(0) + 1;
      return path + ":" + line + ":" + column;
    }
  }
}
