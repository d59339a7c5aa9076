package io.limiter.server.rules.yaml;

import java.util.Iterator;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
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

  /** The deepest nesting where that is allowed: two for each entry that a request may have. */
  static final int DEEPEST_LENIENT = 160;

  private final Problems problems;
  private final Predicate<MappingNode> lenient;
  private int deepest = DEEPEST;
  private @Nullable Mark secondDocument;
  private int nodes;

  private YamlText(Problems problems, Predicate<MappingNode> lenient) {
    this.problems = problems;
    this.lenient = lenient;
  }

  /**
   * The mapping that the file is; empty after adding to {@code problems}.
   *
   * @param lenient whether the file is of those where a tag and a second document are only warned
   *     of, and deeper nesting is allowed
   */
  public static Optional<MappingNode> read(
      String text, Predicate<MappingNode> lenient, Problems problems) {
    if (text.length() > MOST_CHARACTERS) {
      problems.add(
          1,
          1,
          "the file has %d characters; use at most %d, or several domains"
              .formatted(text.length(), MOST_CHARACTERS));
      return Optional.empty();
    }
    return new YamlText(problems, lenient)
        .root(text.startsWith("\uFEFF") ? text.substring(1) : text);
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
    boolean tolerant = root instanceof MappingNode mapping && lenient.test(mapping);
    deepest = tolerant ? DEEPEST_LENIENT : DEEPEST;
    if (secondDocument != null) {
      String second = "the file holds a second document";
      if (!tolerant) {
        problems.add(Optional.of(secondDocument), second + "; use one file for each domain");
        return Optional.empty();
      }
      problems.warn(Optional.of(secondDocument), second + ", which is ignored; use another file");
    }
    if (root == null || (root instanceof ScalarNode scalar && scalar.getValue().isEmpty())) {
      problems.add(1, 1, "the file is empty; start with domain: NAME");
    } else if (!(root instanceof MappingNode mapping)) {
      problems.add(root, "the file is %s; start with domain: NAME".formatted(Fields.kind(root)));
    } else if (sound(mapping, 1, tolerant)) {
      return Optional.of(mapping);
    }
    return Optional.empty();
  }

  /**
   * The tree is built recursively, so its depth is checked on the flat stream of events. Looks no
   * further than the beginning of a second document.
   */
  private boolean tooDeep(LoadSettings settings, String text) {
    int depth = 0;
    Iterator<Event> events = new Parse(settings).parseString(text).iterator();
    boolean ended = false;
    while (events.hasNext() && secondDocument == null) {
      Event event = events.next();
      if (ended && event instanceof DocumentStartEvent) {
        secondDocument = start(events).or(event::getEndMark).orElse(null);
      } else if (event instanceof CollectionStartEvent && ++depth > DEEPEST_LENIENT) {
        deepest = DEEPEST_LENIENT;
        problems.add(event.getStartMark(), tooDeep());
        return true;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
      ended |= event instanceof DocumentEndEvent;
    }
    return false;
  }

  /** Where the next event starts, if there is one that can be parsed. */
  private static Optional<Mark> start(Iterator<Event> events) {
    try {
      return events.next().getStartMark();
    } catch (YamlEngineException e) {
      return Optional.empty();
    }
  }

  private String tooDeep() {
    return deepest == DEEPEST
        ? "nested more than %d deep; rules need 7".formatted(DEEPEST)
        : "nested more than %d deep; no request has so many entries".formatted(deepest);
  }

  /** Counts what a walk would meet, aliases followed, and judges tags; gives up past the bounds. */
  private boolean sound(Node node, int depth, boolean tolerant) {
    if (nodes > MOST_NODES) {
      return false;
    }
    if (depth > deepest) {
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
    if (!tag.startsWith(Tag.PREFIX) && tolerant) {
      problems.warn(node, "tag %s means nothing and is ignored; remove it".formatted(tag));
    } else if (!tag.startsWith(Tag.PREFIX)) {
      problems.add(
          node,
          "tag %s means nothing here; a text that starts with ! must be quoted: \"%s\""
              .formatted(tag, tag));
      return false;
    }
    boolean sound = true;
    if (node instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        sound = sound(element, depth + 1, tolerant) && sound;
      }
    } else if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        sound = sound(entry.getKeyNode(), depth + 1, tolerant) && sound;
        sound = sound(entry.getValueNode(), depth + 1, tolerant) && sound;
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
