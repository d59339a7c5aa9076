package io.limiter.server.rules.file;

import io.limiter.server.rules.index.AttributePattern;
import io.limiter.server.rules.index.BadPatternException;
import io.limiter.server.rules.index.Condition;
import io.limiter.server.rules.index.PatternSyntax;
import io.limiter.server.rules.index.When;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads the conditions of rules and overrides. */
final class WhenReader {
  private final Problems problems;

  WhenReader(Problems problems) {
    this.problems = problems;
  }

  /** The field {@code when}; every request when it is not there. */
  When read(Fields fields) {
    return fields
        .mapping("when", "a mapping, such as { plan: gold }")
        .map(this::conditions)
        .orElse(When.ALWAYS);
  }

  private When conditions(MappingNode mapping) {
    List<Condition> conditions = new ArrayList<>();
    Fields.entries(mapping, problems)
        .forEach((attribute, patterns) -> conditions.add(condition(attribute, patterns)));
    return new When(conditions);
  }

  private Condition condition(String attribute, Node node) {
    try {
      Syntax.attribute("when", attribute);
    } catch (BadValueException e) {
      problems.add(node, String.valueOf(e.getMessage()));
    }
    List<Node> patterns = node instanceof SequenceNode list ? list.getValue() : List.of(node);
    if (patterns.isEmpty()) {
      problems.add(node, "when: %s has no patterns; give one, or remove it".formatted(attribute));
    }
    Set<AttributePattern> wanted = new LinkedHashSet<>();
    Set<AttributePattern> unwanted = new LinkedHashSet<>();
    for (Node pattern : patterns) {
      if (pattern instanceof ScalarNode scalar && !Fields.isNothing(scalar)) {
        Fields.parsed(scalar, WhenReader::pattern, problems)
            .ifPresent((PatternSyntax.negated(scalar.getValue()) ? unwanted : wanted)::add);
      } else {
        problems.add(
            pattern,
            "when: %s is %s; use a pattern or a list of patterns, \"\" for an empty value"
                .formatted(attribute, Fields.kind(pattern)));
      }
    }
    return new Condition(attribute, wanted, unwanted);
  }

  private static AttributePattern pattern(String text) {
    try {
      return PatternSyntax.parse(text);
    } catch (BadPatternException e) {
      throw new BadValueException(String.valueOf(e.getMessage()));
    }
  }
}
