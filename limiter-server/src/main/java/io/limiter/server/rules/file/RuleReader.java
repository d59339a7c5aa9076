package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.index.Condition;
import io.limiter.server.rules.index.When;
import io.limiter.server.rules.index.WhenIndex;
import io.limiter.server.rules.table.CompiledRule;
import io.limiter.server.rules.table.Effect;
import io.limiter.server.rules.table.WrittenOverride;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Problems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the rules of one domain, one after another. */
final class RuleReader {
  static final List<String> FIELDS =
      Stream.of(
              RuleShape.FIELDS,
              Numbers.FIELDS,
              List.of("when", "mode", "enforce", "candidate", "unlimited", "overrides"))
          .flatMap(List::stream)
          .toList();

  private final Problems problems;
  private final WhenReader whenReader;
  private final LimitReader limitReader;
  private final OverrideReader overrideReader;
  private final CandidateReader candidateReader;
  private final Map<String, Node> names = new HashMap<>();
  private final Map<String, Condition> presence = new HashMap<>();

  RuleReader(Problems problems) {
    this.problems = problems;
    this.whenReader = new WhenReader(problems);
    this.limitReader = new LimitReader(problems);
    this.overrideReader = new OverrideReader(problems);
    this.candidateReader = new CandidateReader(problems);
  }

  /**
   * The rule, or null after adding to the problems.
   *
   * @param ordinal its place in the file
   */
  WhenIndex.@Nullable Entry<CompiledRule> read(Node node, int ordinal) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(node, "a rule is %s; use a mapping with name".formatted(Fields.kind(node)));
      return null;
    }
    int problemsBefore = problems.count();
    Fields fields = new Fields(mapping, FIELDS, problems);
    String name = name(fields);
    List<String> key = AttributeNames.read(fields, "key", problems);
    When when = whenReader.read(fields).andPresent(key, presence);
    Algorithm algorithm = algorithm(fields);
    CompiledRule rule = compiled(fields, name, key, algorithm);
    return rule == null || problems.count() > problemsBefore
        ? null
        : new WhenIndex.Entry<>(ordinal, when, rule);
  }

  private String name(Fields fields) {
    Given<String> name = fields.read("name", text -> Syntax.name("name", text));
    if (name == null) {
      fields.missing("name", "give the rule one that no other rule of the domain has");
      return "";
    }
    Node first = names.putIfAbsent(name.value(), name.at());
    if (first != null) {
      problems.add(
          name.at(),
          "name \"%s\" is used twice, first on line %d; rename one"
              .formatted(name.value(), Fields.line(first)));
    }
    return name.value();
  }

  private static @Nullable Algorithm algorithm(Fields fields) {
    Given<Algorithm> algorithm = fields.choice("algorithm", RuleShape.ALGORITHMS);
    if (algorithm == null) {
      fields.missing("algorithm", "use " + Suggestion.oneOf(RuleShape.ALGORITHMS.keySet()));
      return null;
    }
    return algorithm.value();
  }

  private @Nullable CompiledRule compiled(
      Fields fields, String name, List<String> key, @Nullable Algorithm algorithm) {
    int problemsBefore = problems.count();
    Numbers numbers = Numbers.read(fields, algorithm, problems);
    boolean numbersSound = fields.sound() && problems.count() == problemsBefore;
    Standing standing = Given.valueOr(fields.choice("mode", Standing.BY_WORD), Standing.ENFORCE);
    boolean unlimited = fields.flag("unlimited");
    // Whatever the algorithm, so that the remaining fields are checked in the same run.
    RuleShape shape = RuleShape.read(fields, name, key, algorithm, problems);
    int basisPoints = share(fields, key, standing);
    Effect effect = null;
    if (unlimited) {
      Node candidate = fields.get("candidate");
      if (candidate != null) {
        problems.add(
            candidate, "candidate is never tried beside unlimited: true; remove one of them");
      }
      effect = algorithm != null && numbersSound ? Effect.Exempt.UNLIMITED : null;
    } else {
      Limit limit =
          algorithm != null && numbersSound
              ? limitReader.read(algorithm, numbers, Numbers.NONE, fields.at())
              : null;
      Limit candidate = candidateReader.read(fields, algorithm, limit, numbers, standing);
      effect = limit == null ? null : shape.effect(limit, standing, basisPoints, candidate);
    }
    OverrideReader.Base base =
        effect == null ? null : new OverrideReader.Base(shape, numbers, standing, basisPoints);
    List<WrittenOverride> overrides = overrideReader.read(fields, algorithm, base);
    return effect == null
        ? null
        : CompiledRule.of(name, Fields.line(fields.at()), effect, overrides);
  }

  /** The share of keys that the rule is enforced for. */
  private int share(Fields fields, List<String> key, Standing standing) {
    Given<Integer> share = fields.read("enforce", Syntax::share);
    if (share == null) {
      return Rule.Mode.ALL;
    }
    if (standing != Standing.ENFORCE) {
      problems.add(
          share.at(), "enforce does not belong to mode: shadow or off; remove one of them");
    } else if (key.isEmpty() && share.value() != Rule.Mode.ALL) {
      problems.add(
          share.at(),
          "enforce chooses among keys, and the rule has none; give it a key, or use mode: shadow");
    }
    return share.value();
  }
}
