package io.limiter.server.access.file;

import io.limiter.server.access.Grant;
import io.limiter.server.access.Method;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads what a caller may do. */
final class GrantReader {
  static final List<String> FIELDS = List.of("methods", "domains");

  /** The most grants of a caller, and the most domains of a grant. */
  static final int MOST = 100;

  static final Map<String, Method> METHODS = Syntax.words(Method.values(), Method::word);
  private static final int LONGEST = 512;

  private GrantReader() {}

  static List<Grant> read(Fields fields, Problems problems) {
    List<Grant> grants = new ArrayList<>();
    fields.missing("grants", "add a list of what it may do, or grants: [] for nothing");
    for (Node node : bounded(problems, fields, "grants", MOST)) {
      if (node instanceof MappingNode mapping) {
        grants.add(grant(mapping, problems));
      } else {
        problems.add(
            node,
            "a grant is %s; use a mapping with methods and domains".formatted(Fields.kind(node)));
      }
    }
    return grants;
  }

  private static Grant grant(MappingNode mapping, Problems problems) {
    Fields fields = new Fields(mapping, FIELDS, problems);
    fields.missing("methods", "list what is granted, of " + String.join(", ", METHODS.keySet()));
    Set<Method> methods =
        Set.copyOf(
            each(
                "methods",
                fields.list("methods", "a list of methods"),
                GrantReader::method,
                problems));
    boolean nowhere =
        fields
            .get("domains")
            .map(node -> node instanceof SequenceNode list && list.getValue().isEmpty())
            .orElse(true);
    if (nowhere && methods.stream().anyMatch(Method::inDomains)) {
      problems.add(mapping, "domains are missing; list them, or \"*\" for all");
    }
    return new Grant(
        methods,
        each("domains", bounded(problems, fields, "domains", MOST), GrantReader::domain, problems));
  }

  private static <T> List<T> each(
      String field, List<Node> nodes, Function<String, T> read, Problems problems) {
    List<T> values = new ArrayList<>();
    for (Node node : nodes) {
      if (node instanceof ScalarNode scalar) {
        Fields.parsed(scalar, read, problems).ifPresent(values::add);
      } else {
        problems.add(node, "%s holds %s; use names".formatted(field, Fields.kind(node)));
      }
    }
    return values;
  }

  private static Method method(String word) {
    Method method = METHODS.get(word);
    if (method == null) {
      throw new BadValueException(
          "method \"%s\" is unknown; %s".formatted(word, Suggestion.meant(word, METHODS.keySet())));
    }
    return method;
  }

  private static String domain(String text) {
    if (text.length() > LONGEST) {
      throw new BadValueException(
          "domains: an entry has %d characters; use 1 to %d".formatted(text.length(), LONGEST));
    }
    String name = text.endsWith("*") ? text.substring(0, text.length() - 1) : text;
    if (name.indexOf('*') >= 0 || text.isEmpty()) {
      throw new BadValueException(
          "domain \"%s\" is not the name of one; use a name, or one that ends with * for any ending"
              .formatted(text));
    }
    return text;
  }

  /** The elements of a list that has at most so many; none after adding to the problems. */
  static List<Node> bounded(Problems problems, Fields fields, String field, int most) {
    List<Node> all = fields.list(field, "a list");
    if (all.size() > most) {
      problems.add(
          all.get(most), "%s has %d entries; use at most %d".formatted(field, all.size(), most));
      return List.of();
    }
    return all;
  }
}
