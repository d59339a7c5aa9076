package io.limiter.server.rules.yaml;

import java.util.Iterator;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Parses the YAML of one file. Every node knows its line and column. Values are the characters in
 * the file: {@code off} and {@code 1_000} stay as they are written.
 *
 * <p>The file is read as a stream of events, and given up at the first that passes {@link
 * YamlBounds}: a tree that is too large or too deep is never built.
 */
public final class YamlText {
  private final Problems problems;
  private final YamlBounds bounds;
  private final Predicate<MappingNode> lenient;
  private final String start;
  private final String second;

  private YamlText(
      Problems problems,
      YamlBounds bounds,
      Predicate<MappingNode> lenient,
      String start,
      String second) {
    this.second = second;
    this.problems = problems;
    this.bounds = bounds;
    this.lenient = lenient;
    this.start = start;
  }

  /**
   * The mapping that the file is; empty after adding to {@code problems}.
   *
   * @param lenient whether the file is of those where a tag and a second document are only warned
   *     of, and deeper nesting is allowed
   */
  public static Optional<MappingNode> read(
      String text, Problems problems, YamlBounds bounds, Predicate<MappingNode> lenient) {
    return read(
        text, problems, bounds, lenient, "start with domain: NAME", "use one file for each domain");
  }

  /**
   * The same of any file.
   *
   * @param start what to do about one that is no mapping
   * @param second what to do about a second document
   */
  public static Optional<MappingNode> read(
      String text,
      Problems problems,
      YamlBounds bounds,
      Predicate<MappingNode> lenient,
      String start,
      String second) {
    if (text.length() > YamlBounds.MOST_BYTES) {
      problems.add(
          1,
          1,
          "the file has %d characters; use at most %d, or several domains"
              .formatted(text.length(), YamlBounds.MOST_BYTES));
      return Optional.empty();
    }
    return new YamlText(problems, bounds, lenient, start, second)
        .root(text.startsWith("\uFEFF") ? text.substring(1) : text);
  }

  private Optional<MappingNode> root(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setCodePointLimit(YamlBounds.MOST_BYTES)
            .setUseMarks(true)
            // Keys and aliases are judged here, where the place of each is known.
            .setAllowNonScalarKeys(true)
            .setMaxAliasesForCollections(Integer.MAX_VALUE)
            .build();
    int problemsBefore = problems.count();
    Node root = null;
    try {
      root = document(settings, text);
    } catch (ReaderException e) {
      unreadable(text, e);
    } catch (MarkedYamlEngineException e) {
      problems.add(e.getProblemMark().or(e::getContextMark), syntaxError(e));
    } catch (YamlEngineException e) {
      problems.add(1, 1, "not YAML: " + e.getMessage());
    }
    if (problems.count() > problemsBefore) {
      return Optional.empty();
    }
    if (root == null || (root instanceof ScalarNode scalar && scalar.getValue().isEmpty())) {
      problems.add(1, 1, "the file is empty; " + start);
    } else if (!(root instanceof MappingNode mapping)) {
      problems.add(root, "the file is %s; %s".formatted(Fields.kind(root), start));
    } else {
      return Optional.of(mapping);
    }
    return Optional.empty();
  }

  /** The root of the only document; null if there is none, or after adding to the problems. */
  private @Nullable Node document(LoadSettings settings, String text) {
    Iterator<Event> events = new Parse(settings).parseString(text).iterator();
    if (!nextDocument(events)) {
      return null;
    }
    YamlBounds.Count count = new YamlBounds.Count(bounds, text.length(), problems);
    TreeBuilder builder =
        new TreeBuilder(settings.getSchema().getScalarResolver(), count, problems);
    Optional<Node> root = builder.root(events);
    if (root.isEmpty()) {
      return null;
    }
    boolean tolerant = root.get() instanceof MappingNode mapping && lenient.test(mapping);
    builder.judgeTags(tolerant);
    if (tolerant) {
      warnOfSecond(events);
    } else if (count.isFlat() && nextDocument(events)) {
      problems.add(events.next().getStartMark(), "the file holds a second document; " + second);
    }
    return root.get();
  }

  /** Of a second document, which may be no YAML at all. */
  private void warnOfSecond(Iterator<Event> events) {
    String ignored = "the file holds a second document, which is ignored; use another file";
    Optional<Mark> at = Optional.empty();
    try {
      while (events.hasNext() && at.isEmpty()) {
        Event event = events.next();
        if (event instanceof DocumentStartEvent) {
          at = event.getEndMark();
          at = events.next().getStartMark();
        }
      }
    } catch (YamlEngineException e) {
      // That it begins is enough.
    }
    if (at.isPresent()) {
      problems.warn(at, ignored);
    }
  }

  /** Goes on to the first event in the next document; false if there is none. */
  private static boolean nextDocument(Iterator<Event> events) {
    while (events.hasNext()) {
      if (events.next() instanceof DocumentStartEvent) {
        return true;
      }
    }
    return false;
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
    return "not YAML: " + context + Optional.ofNullable(e.getProblem()).orElse("");
  }
}
