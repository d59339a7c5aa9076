package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.server.rules.LimitField;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Suggestion;
import io.limiter.server.rules.index.Condition;
import io.limiter.server.rules.index.When;
import io.limiter.server.rules.index.WhenIndex;
import io.limiter.server.rules.syntax.AttributeNames;
import io.limiter.server.rules.syntax.ShareSyntax;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.table.CompiledRule;
import io.limiter.server.rules.table.Effect;
import io.limiter.server.rules.table.WrittenOverride;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the rules of one domain, one after another. */
final class RuleReader {
  static final List<String> FIELDS =
      Stream.of(
              RuleShape.FIELDS,
              LimitField.WORDS,
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
    this.overrideReader = new OverrideReader(problems, whenReader);
    this.candidateReader = new CandidateReader(problems);
  }

  /**
   * The rule; empty after adding to the problems.
   *
   * @param ordinal its place in the file
   */
  Optional<WhenIndex.Entry<CompiledRule>> read(Node node, int ordinal) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(node, "a rule is %s; use a mapping with name".formatted(Fields.kind(node)));
      return Optional.empty();
    }
    int problemsBefore = problems.count();
    Fields fields = new Fields(mapping, FIELDS, problems);
    String name = name(fields);
    List<String> key = AttributeNames.read(fields, "key", problems);
    When when =
        whenReader
            .read(fields)
            .andPresent(key, presence)
            .andPresent(ShareSyntax.attributes(fields), presence);
    return compiled(fields, name, key, algorithm(fields))
        .filter(rule -> problems.count() == problemsBefore)
        .map(rule -> new WhenIndex.Entry<>(ordinal, when, rule));
  }

  private String name(Fields fields) {
    fields.missing("name", "give the rule one that no other rule of the domain has");
    Optional<Located<String>> name = fields.read("name", text -> Syntax.name("name", text));
    name.ifPresent(this::reportTwice);
    return name.map(Located::value).orElse("");
  }

  private void reportTwice(Located<String> name) {
    Node first = names.putIfAbsent(name.value(), name.at());
    if (first != null) {
      problems.add(
          name.at(),
          "name \"%s\" is used twice, first on line %d; rename one"
              .formatted(name.value(), Fields.line(first)));
    }
  }

  private static Optional<Algorithm> algorithm(Fields fields) {
    fields.missing("algorithm", "use " + Suggestion.oneOf(RuleShape.ALGORITHMS.keySet()));
    return fields.choice("algorithm", RuleShape.ALGORITHMS).map(Located::value);
  }

  private Optional<CompiledRule> compiled(
      Fields fields, String name, List<String> key, Optional<Algorithm> algorithm) {
    int problemsBefore = problems.count();
    Numbers numbers = Numbers.ofRule(fields, algorithm, problems);
    boolean numbersSound = fields.sound() && problems.count() == problemsBefore;
    ModeField mode =
        fields.choice("mode", ModeField.BY_WORD).map(Located::value).orElse(ModeField.ENFORCE);
    boolean unlimited = fields.flag("unlimited");
    // Whatever the algorithm, so that the remaining fields are checked in the same run.
    RuleShape shape = RuleShape.read(fields, name, key, algorithm, problems);
    int basisPoints = share(fields, key, mode);
    Optional<Algorithm> sound = algorithm.filter(known -> numbersSound);
    Optional<Effect> effect;
    if (unlimited) {
      fields
          .get("candidate")
          .ifPresent(
              candidate ->
                  problems.add(
                      candidate,
                      "candidate is never tried beside unlimited: true; remove one of them"));
      effect = sound.map(known -> Effect.Exempt.UNLIMITED);
    } else {
      Optional<Limit> limit =
          sound.flatMap(
              known -> limitReader.read(known, numbers, Numbers.NONE, shape.tariff(), fields.at()));
      limit.ifPresent(live -> shape.checkShare(fields, live, problems));
      Optional<Limit> candidate =
          candidateReader.read(fields, algorithm, limit, numbers, shape.tariff(), mode);
      effect =
          limit.map(live -> shape.effect(live, mode, basisPoints, candidate, numbers.namesDay()));
    }
    Optional<OverrideReader.Base> base =
        effect.map(known -> new OverrideReader.Base(shape, numbers, mode, basisPoints));
    List<WrittenOverride> overrides = overrideReader.read(fields, algorithm, base);
    return effect.map(known -> CompiledRule.of(name, Fields.line(fields.at()), known, overrides));
  }

  /** The share of keys that the rule is enforced for. */
  private int share(Fields fields, List<String> key, ModeField mode) {
    Optional<Located<Integer>> share = fields.read("enforce", Syntax::share);
    share.ifPresent(given -> checkShare(given, key, mode));
    return share.map(Located::value).orElse(Rule.Mode.ALL);
  }

  private void checkShare(Located<Integer> share, List<String> key, ModeField mode) {
    if (mode != ModeField.ENFORCE) {
      problems.add(
          share.at(), "enforce does not belong to mode: shadow or off; remove one of them");
    } else if (key.isEmpty() && share.value() != Rule.Mode.ALL) {
      problems.add(
          share.at(),
          "enforce chooses among keys, and the rule has none; give it a key, or use mode: shadow");
    }
  }
}
