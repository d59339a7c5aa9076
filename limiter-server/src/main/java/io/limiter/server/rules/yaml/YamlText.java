package io.limiter.server.rules.yaml;

import java.util.Iterator;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Parses the YAML of one file. Every node knows its line and column. Values are the characters in
 * the file: {@code off} and {@code 1_000} stay as they are written.
 *
 * <p>A tree that is too deep is refused before anything walks it, and so is one that its aliases
 * make too large.
 */
public final class YamlText {
  /** The most characters in a file: 16 Mi. */
  static final int MOST_CHARACTERS = 16 << 20;

  /** The most values in a file, each alias counting as all it stands for. */
  static final int MOST_NODES = 2_000_000;

  /** The deepest nesting; rules need 7. */
  static final int DEEPEST = 32;

  private final Problems problems;
  private int nodes;

  private YamlText(Problems problems) {
    this.problems = problems;
  }

  /** The mapping that the file is; empty after adding to {@code problems}. */
  public static Optional<MappingNode> read(String text, Problems problems) {
    if (text.length() > MOST_CHARACTERS) {
      problems.add(
          1,
          1,
          "the file has %d characters; use at most %d, or several domains"
              .formatted(text.length(), MOST_CHARACTERS));
      return Optional.empty();
    }
    return new YamlText(problems).root(text.startsWith("\uFEFF") ? text.substring(1) : text);
  }

  private Optional<MappingNode> root(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setCodePointLimit(MOST_CHARACTERS)
            .setUseMarks(true)
            // Keys and aliases are judged here, where the place of each is known.
            .setAllowNonScalarKeys(true)
            .setMaxAliasesForCollections(Integer.MAX_VALUE)
            .build();
    Optional<Node> first;
    try {
      if (tooDeep(settings, text)) {
        return Optional.empty();
      }
      Iterator<Node> documents = new Compose(settings).composeAllFromString(text).iterator();
      first = documents.hasNext() ? Optional.of(documents.next()) : Optional.empty();
      if (documents.hasNext()) {
        problems.add(
            documents.next(), "the file holds a second document; use one file for each domain");
        return Optional.empty();
      }
    } catch (ReaderException e) {
      unreadable(text, e);
      return Optional.empty();
    } catch (MarkedYamlEngineException e) {
      problems.add(e.getProblemMark().or(e::getContextMark), syntaxError(e));
      return Optional.empty();
    } catch (YamlEngineException e) {
      problems.add(1, 1, "not YAML: " + e.getMessage());
      return Optional.empty();
    }
    Node root = first.orElse(null);
    if (root == null || (root instanceof ScalarNode scalar && scalar.getValue().isEmpty())) {
      problems.add(1, 1, "the file is empty; start with domain: NAME");
    } else if (!(root instanceof MappingNode mapping)) {
      problems.add(root, "the file is %s; start with domain: NAME".formatted(Fields.kind(root)));
    } else if (sound(mapping, 1)) {
      return Optional.of(mapping);
    }
    return Optional.empty();
  }

  /** The tree is built recursively, so its depth is checked on the flat stream of events. */
  private boolean tooDeep(LoadSettings settings, String text) {
    int depth = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      if (event instanceof CollectionStartEvent && ++depth > DEEPEST) {
        problems.add(event.getStartMark(), tooDeep());
        return true;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
    return false;
  }

  private static String tooDeep() {
    return "nested more than %d deep; rules need 7".formatted(DEEPEST);
  }

  /**
   * Counts what a walk would meet, aliases followed, and refuses tags; gives up past the bounds.
   */
  private boolean sound(Node node, int depth) {
    if (nodes > MOST_NODES) {
      return false;
    }
    if (depth > DEEPEST) {
      problems.add(node, tooDeep());
      nodes = MOST_NODES + 1;
      return false;
    }
    if (++nodes > MOST_NODES) {
      problems.add(
          node,
          "the file has more than %d values, aliases followed; use fewer aliases or several domains"
              .formatted(MOST_NODES));
      return false;
    }
    String tag = node.getTag().getValue();
    if (!tag.startsWith(Tag.PREFIX)) {
      problems.add(
          node,
          "tag %s means nothing here; a text that starts with ! must be quoted: \"%s\""
              .formatted(tag, tag));
      return false;
    }
    boolean sound = true;
    if (node instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        sound = sound(element, depth + 1) && sound;
      }
    } else if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        sound = sound(entry.getKeyNode(), depth + 1) && sound;
        sound = sound(entry.getValueNode(), depth + 1) && sound;
      }
    }
    return sound;
  }

  private void unreadable(String text, ReaderException e) {
    String before = text.substring(0, Math.min(e.getPosition(), text.length()));
    problems.add(
        (int) before.chars().filter(c -> c == '\n').count() + 1,
        before.length() - before.lastIndexOf('\n'),
        "not YAML: character U+%04X is not allowed; remove it".formatted(e.getCodePoint()));
  }

  private static String syntaxError(MarkedYamlEngineException e) {
    String context =
        Optional.ofNullable(e.getContext())
            .filter(text -> !text.isBlank())
            .map(text -> text + ", ")
            .orElse("");
    String problem = Optional.ofNullable(e.getProblem()).orElse("");
    String remedy =
        problem.contains("undefined alias") ? "; a text that starts with * must be quoted" : "";
    return "not YAML: " + context + problem + remedy;
  }
}
