package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.server.rules.LimitField;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.TenantShare;
import io.limiter.server.rules.index.When;
import io.limiter.server.rules.syntax.ChargeSyntax;
import io.limiter.server.rules.syntax.ShareSyntax;
import io.limiter.server.rules.table.Effect;
import io.limiter.server.rules.table.WrittenOverride;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads the overrides of a rule. An override says only what differs; it is limited, even where its
 * rule is not, unless it says {@code unlimited: true} itself.
 */
final class OverrideReader {
  static final List<String> FIELDS =
      Stream.of(
              List.of("when"),
              LimitField.WORDS,
              List.of("charge", "mode", "candidate", "share", "unlimited"))
          .flatMap(List::stream)
          .toList();

  private final Problems problems;
  private final WhenReader whenReader;
  private final LimitReader limitReader;
  private final CandidateReader candidateReader;

  OverrideReader(Problems problems, WhenReader whenReader) {
    this.problems = problems;
    this.whenReader = whenReader;
    this.limitReader = new LimitReader(problems);
    this.candidateReader = new CandidateReader(problems);
  }

  /**
   * What an override goes without saying.
   *
   * @param basisPoints the share of keys that the rule is enforced for; a mode of the override's
   *     own replaces it together with the rule's
   */
  record Base(RuleShape shape, Numbers numbers, ModeField mode, int basisPoints) {}

  /**
   * The rule's overrides.
   *
   * @param algorithm the rule's, if it is known
   * @param base empty when something is wrong with the rule; then what an override adds up to is
   *     not checked
   */
  List<WrittenOverride> read(Fields rule, Optional<Algorithm> algorithm, Optional<Base> base) {
    List<WrittenOverride> overrides = new ArrayList<>();
    for (Node node : rule.list("overrides", "a list of overrides, each with when")) {
      if (node instanceof MappingNode mapping) {
        int problemsBefore = problems.count();
        Fields fields = new Fields(mapping, FIELDS, problems);
        When when = when(fields);
        effect(fields, algorithm, base, rule.get("share").isPresent())
            .filter(effect -> problems.count() == problemsBefore)
            .map(effect -> new WrittenOverride(Fields.line(node), when, effect))
            .ifPresent(overrides::add);
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
    Node given = fields.get("when").orElse(null);
    if (given instanceof MappingNode mapping && mapping.getValue().isEmpty()) {
      problems.add(given, "when is empty, so the override replaces the rule; change the rule");
    }
    return whenReader.read(fields);
  }

  private Optional<Effect> effect(
      Fields fields, Optional<Algorithm> algorithm, Optional<Base> base, boolean isShared) {
    int problemsBefore = problems.count();
    Numbers numbers = Numbers.read(fields, algorithm, problems);
    boolean numbersSound = problems.count() == problemsBefore && fields.sound();
    Optional<ModeField> mode = fields.choice("mode", ModeField.BY_WORD).map(Located::value);
    if (fields.flag("unlimited")) {
      saysNothingElse(fields);
      return Optional.of(Effect.Exempt.UNLIMITED);
    }
    String unit = base.map(known -> known.shape.tariff().unit()).orElse("");
    Optional<Tariff> tariff = ChargeSyntax.charge(fields, unit, problems);
    Optional<RuleShape> charging = base.map(known -> shape(fields, tariff, known.shape));
    if (problems.count() == problemsBefore
        && fields.sound()
        && numbers.isEmpty()
        && fields.get("charge").isEmpty()
        && fields.get("candidate").isEmpty()
        && fields.get("share").isEmpty()
        && mode.isEmpty()) {
      problems.add(fields.at(), "the override changes nothing; say what differs, or remove it");
      return Optional.empty();
    }
    Optional<Limit> limit =
        base.filter(known -> numbersSound)
            .flatMap(
                known ->
                    limitReader.read(
                        known.shape.algorithm(),
                        numbers,
                        known.numbers,
                        known.shape.tariff(),
                        fields.at()));
    numbers
        .first()
        .filter(number -> isShared)
        .ifPresent(
            number ->
                problems.add(
                    number,
                    "an override of a shared rule cannot change the limit, which is one for all tenants; give it a share of its own, such as share: { guarantee: 30% }"));
    Optional<TenantShare> share =
        ShareSyntax.override(
            fields, base.flatMap(known -> known.shape.share()), isShared, problems);
    Optional<RuleShape> shape = charging.map(known -> known.sharedBy(share));
    shape.ifPresent(known -> limit.ifPresent(live -> known.checkShare(fields, live, problems)));
    // Also beside a rule that is wrong, so that all problems are said in the same run.
    Numbers all = base.map(known -> numbers.orElse(known.numbers)).orElse(numbers);
    ModeField inherited = base.map(Base::mode).orElse(ModeField.ENFORCE);
    Optional<Limit> candidate =
        candidateReader.read(
            fields,
            algorithm,
            limit,
            all,
            base.map(known -> known.shape.tariff()).orElse(new Tariff("")),
            mode.orElse(inherited));
    int basisPoints = mode.isPresent() ? Rule.Mode.ALL : base.map(Base::basisPoints).orElse(0);
    return shape.flatMap(
        known ->
            limit.map(
                live ->
                    known.effect(
                        live, mode.orElse(inherited), basisPoints, candidate, all.namesDay())));
  }

  /** The rule's shape, with what the override charges. */
  private RuleShape shape(Fields fields, Optional<Tariff> tariff, RuleShape rule) {
    if (tariff.isPresent() && !rule.tariff().isWeighted()) {
      fields
          .get("charge")
          .ifPresent(
              charge ->
                  problems.add(
                      charge,
                      "charge is not in the rule itself, whose counter would count two things;"
                          + " give the rule a charge too"));
      return rule;
    }
    return tariff.map(rule::charging).orElse(rule);
  }

  private void saysNothingElse(Fields fields) {
    for (String field : FIELDS) {
      if (!field.equals("when") && !field.equals("unlimited")) {
        fields
            .get(field)
            .ifPresent(
                node ->
                    problems.add(
                        node,
                        "%s says nothing beside unlimited: true; remove one of them"
                            .formatted(field)));
      }
    }
  }
}
