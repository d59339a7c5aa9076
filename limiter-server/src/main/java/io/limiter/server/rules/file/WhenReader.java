package io.limiter.server.rules.file;

import io.limiter.server.rules.index.AttributePattern;
import io.limiter.server.rules.index.BadPatternException;
import io.limiter.server.rules.index.Condition;
import io.limiter.server.rules.index.PatternSyntax;
import io.limiter.server.rules.index.When;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads the conditions of the rules and overrides of one domain. */
final class WhenReader {
  /**
   * The most patterns that may each take a pass over a value, some 10 µs for 4,096 characters: a
   * question that meets all of them is still answered.
   */
  static final int MOST_SEARCHING = 1_000;

  private final Problems problems;
  private int searching;

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
        boolean negated = PatternSyntax.negated(scalar.getValue());
        Optional<AttributePattern> parsed = Fields.parsed(scalar, WhenReader::pattern, problems);
        parsed.ifPresent((negated ? unwanted : wanted)::add);
        parsed
            .filter(
                one -> AttributePattern.searches(one, negated) && ++searching == MOST_SEARCHING + 1)
            .ifPresent(
                one ->
                    problems.add(
                        scalar,
                        "the domain has more than %d patterns that search a value for a text between two *; use fewer of them, or several domains"
                            .formatted(MOST_SEARCHING)));
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
