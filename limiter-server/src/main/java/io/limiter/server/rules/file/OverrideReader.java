package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.index.When;
import io.limiter.server.rules.table.Effect;
import io.limiter.server.rules.table.WrittenOverride;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads the overrides of a rule. An override says only what differs; it is limited, even where its
 * rule is not, unless it says {@code unlimited: true} itself.
 */
final class OverrideReader {
  static final List<String> FIELDS =
      Stream.of(List.of("when"), Numbers.FIELDS, List.of("mode", "candidate", "unlimited"))
          .flatMap(List::stream)
          .toList();

  private final Problems problems;
  private final WhenReader whenReader;
  private final LimitReader limitReader;
  private final CandidateReader candidateReader;

  OverrideReader(Problems problems) {
    this.problems = problems;
    this.whenReader = new WhenReader(problems);
    this.limitReader = new LimitReader(problems);
    this.candidateReader = new CandidateReader(problems);
  }

  /**
   * What an override goes without saying.
   *
   * @param basisPoints the share of keys that the rule is enforced for; a mode of the override's
   *     own replaces it together with the rule's
   */
  record Base(RuleShape shape, Numbers numbers, Standing standing, int basisPoints) {}

  /**
   * The rule's overrides.
   *
   * @param algorithm the rule's, if it is known
   * @param base null when something is wrong with the rule; then what an override adds up to is not
   *     checked
   */
  List<WrittenOverride> read(Fields rule, @Nullable Algorithm algorithm, @Nullable Base base) {
    List<WrittenOverride> overrides = new ArrayList<>();
    for (Node node : rule.list("overrides", "a list of overrides, each with when")) {
      if (node instanceof MappingNode mapping) {
        int problemsBefore = problems.count();
        Fields fields = new Fields(mapping, FIELDS, problems);
        When when = when(fields);
        Effect effect = effect(fields, algorithm, base);
        if (effect != null && problems.count() == problemsBefore) {
          overrides.add(new WrittenOverride(Fields.line(node), when, effect));
        }
      } else {
        problems.add(
            node,
            "an override is %s; use a mapping with when and what differs"
                .formatted(Fields.kind(node)));
      }
    }
    return overrides;
  }

  private When when(Fields fields) {
    fields.missing("when", "say which requests the override is for");
    if (fields.get("when") instanceof MappingNode given && given.getValue().isEmpty()) {
      problems.add(given, "when is empty, so the override replaces the rule; change the rule");
    }
    return whenReader.read(fields);
  }

  private @Nullable Effect effect(
      Fields fields, @Nullable Algorithm algorithm, @Nullable Base base) {
    int problemsBefore = problems.count();
    Numbers numbers = Numbers.read(fields, algorithm, problems);
    boolean numbersSound = problems.count() == problemsBefore;
    Given<Standing> standing = fields.choice("mode", Standing.BY_WORD);
    if (fields.flag("unlimited")) {
      saysNothingElse(fields);
      return Effect.Exempt.UNLIMITED;
    }
    if (problems.count() == problemsBefore
        && fields.sound()
        && numbers.given().isEmpty()
        && fields.get("candidate") == null
        && standing == null) {
      problems.add(fields.at(), "the override changes nothing; say what differs, or remove it");
      return null;
    }
    Limit limit =
        base == null || !numbersSound || !fields.sound()
            ? null
            : limitReader.read(base.shape.algorithm(), numbers, base.numbers, fields.at());
    // Also beside a rule that is wrong, so that all problems are said in the same run.
    Numbers all = base == null ? numbers : numbers.orElse(base.numbers);
    Standing inherited = base == null ? Standing.ENFORCE : base.standing;
    Limit candidate =
        candidateReader.read(fields, algorithm, limit, all, Given.valueOr(standing, inherited));
    if (base == null || limit == null) {
      return null;
    }
    return standing == null
        ? base.shape.effect(limit, base.standing, base.basisPoints, candidate)
        : base.shape.effect(limit, standing.value(), Rule.Mode.ALL, candidate);
  }

  private void saysNothingElse(Fields fields) {
    for (String field : FIELDS) {
      Node node = fields.get(field);
      if (node != null && !field.equals("when") && !field.equals("unlimited")) {
        problems.add(
            node, "%s says nothing beside unlimited: true; remove one of them".formatted(field));
      }
    }
  }
}
