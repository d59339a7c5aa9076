package io.limiter.server.rules.yaml;

import io.limiter.server.rules.Suggestion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The fields of a mapping. A field that is wrong adds to the file's problems, and then reads as if
 * it were absent.
 */
public final class Fields {
  private static final Map<String, Boolean> FLAGS = flags();

  private final MappingNode mapping;
  private final Problems problems;
  private final Map<String, Node> values;
  private final boolean sound;

  /** A mapping that may have the fields {@code known}; any other is a problem. */
  public Fields(MappingNode mapping, List<String> known, Problems problems) {
    this(mapping, known, List.of(), problems);
  }

  /**
   * The same.
   *
   * @param misplaced fields that mean something elsewhere and nothing here: they are warned of
   */
  public Fields(
      MappingNode mapping, List<String> known, List<String> misplaced, Problems problems) {
    this.mapping = mapping;
    this.problems = problems;
    int problemsBefore = problems.count();
    this.values = entries(mapping, problems);
    for (NodeTuple entry : mapping.getValue()) {
      if (entry.getKeyNode() instanceof ScalarNode key && !known.contains(key.getValue())) {
        if (misplaced.contains(key.getValue())) {
          problems.warn(
              key,
              "%s means nothing here and is ignored; use it where it belongs, or remove it"
                  .formatted(key.getValue()));
        } else {
          problems.add(key, problems.isFull() ? "" : unknown(key.getValue(), known));
        }
      }
    }
    this.sound = problems.count() == problemsBefore;
  }

  /** A field that is there already is no remedy: it would be given twice. */
  private String unknown(String key, List<String> known) {
    List<String> absent = known.stream().filter(field -> !values.containsKey(field)).toList();
    String remedy =
        Suggestion.nearest(key, known)
            .map(
                near ->
                    values.containsKey(near)
                        ? "remove it, since %s is given".formatted(near)
                        : "did you mean %s?".formatted(near))
            .orElseGet(() -> absent.isEmpty() ? "remove it" : "use " + Suggestion.oneOf(absent));
    return "key \"%s\" is unknown; %s".formatted(key, remedy);
  }

  /** A mapping's entries by their keys; of a key given twice, the first. */
  public static Map<String, Node> entries(MappingNode mapping, Problems problems) {
    Map<String, Node> entries = new LinkedHashMap<>();
    Map<String, Node> keys = new LinkedHashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        problems.add(
            entry.getKeyNode(), "a key is %s; use a name".formatted(kind(entry.getKeyNode())));
        continue;
      }
      Node first = keys.putIfAbsent(key.getValue(), key);
      if (first == null) {
        entries.put(key.getValue(), entry.getValueNode());
      } else {
        problems.add(
            key,
            "key \"%s\" is given twice, first on line %d; remove one"
                .formatted(key.getValue(), line(first)));
      }
    }
    return entries;
  }

  /** The line that a node begins on, from 1. */
  public static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  /** What a node is, in words. */
  public static String kind(Node node) {
    if (node instanceof MappingNode) {
      return "a mapping";
    }
    if (node instanceof SequenceNode) {
      return "a list";
    }
    return node instanceof ScalarNode scalar && isNothing(scalar) ? "empty" : "a single value";
  }

  /** Whether nothing at all is written; an empty text in quotes is something. */
  public static boolean isNothing(ScalarNode scalar) {
    return scalar.isPlain() && scalar.getValue().isEmpty();
  }

  /** A scalar as {@code parse} understands its text; empty after adding to the problems. */
  public static <T> Optional<T> parsed(
      ScalarNode scalar, Function<String, T> parse, Problems problems) {
    try {
      return Optional.of(parse.apply(scalar.getValue()));
    } catch (BadValueException e) {
      problems.add(scalar, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** Whether every key is known and given once. */
  public boolean sound() {
    return sound;
  }

  /** The mapping. */
  public Node at() {
    return mapping;
  }

  /** The field's value, whatever it is. */
  public Optional<Node> get(String field) {
    return Optional.ofNullable(values.get(field));
  }

  /** The field's scalar as {@code parse} understands its text. */
  public <T> Optional<Located<T>> read(String field, Function<String, T> parse) {
    Node node = values.get(field);
    if (node == null) {
      return Optional.empty();
    }
    if (!(node instanceof ScalarNode scalar)) {
      problems.add(node, "%s is %s; use a single value".formatted(field, kind(node)));
      return Optional.empty();
    }
    if (isNothing(scalar)) {
      problems.add(node, field + " is empty; give it a value, or remove it");
      return Optional.empty();
    }
    return parsed(scalar, parse, problems).map(value -> new Located<>(value, node));
  }

  /** The same, or {@code otherwise}. */
  public <T> T readOr(String field, Function<String, T> parse, T otherwise) {
    return read(field, parse).map(Located::value).orElse(otherwise);
  }

  /** What the field's word stands for among {@code choices}. */
  public <T> Optional<Located<T>> choice(String field, Map<String, T> choices) {
    return read(
        field,
        word -> {
          T choice = choices.get(word);
          if (choice == null) {
            throw new BadValueException(
                "%s \"%s\" is unknown; %s"
                    .formatted(field, word, Suggestion.meant(word, choices.keySet())));
          }
          return choice;
        });
  }

  /** The field's {@code true} or {@code false}; false when it is absent. */
  public boolean flag(String field) {
    return choice(field, FLAGS).map(Located::value).orElse(false);
  }

  /** In the order in which messages name them. */
  private static Map<String, Boolean> flags() {
    Map<String, Boolean> flags = new LinkedHashMap<>();
    flags.put("true", true);
    flags.put("false", false);
    return flags;
  }

  /** The field's elements; none when it is absent. */
  public List<Node> list(String field, String remedy) {
    Node node = values.get(field);
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    if (node != null) {
      problems.add(node, "%s is %s; use %s".formatted(field, kind(node), remedy));
    }
    return List.of();
  }

  /** The field's mapping. */
  public Optional<MappingNode> mapping(String field, String remedy) {
    Node node = values.get(field);
    if (node instanceof MappingNode found) {
      return Optional.of(found);
    }
    if (node != null) {
      problems.add(node, "%s is %s; use %s".formatted(field, kind(node), remedy));
    }
    return Optional.empty();
  }

  /** Says that a field is missing, unless it is there and something else is wrong with it. */
  public void missing(String field, String remedy) {
    if (!values.containsKey(field)) {
      problems.add(mapping, "%s is missing; %s".formatted(field, remedy));
    }
  }
}
