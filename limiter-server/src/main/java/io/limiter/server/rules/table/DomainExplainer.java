package io.limiter.server.rules.table;

import io.limiter.server.rules.BadAttributeException;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.index.When;
import io.limiter.server.rules.index.WhenIndex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Explains a domain of rules. It scans all of them, without the index of decisions. */
final class DomainExplainer {
  /** The most rules that do not apply and are listed. */
  static final int MOST_LISTED = 1_000;

  private final DomainRules domain;
  private final Map<String, String> attributes;

  private DomainExplainer(DomainRules domain, Map<String, String> attributes) {
    this.domain = domain;
    this.attributes = attributes;
  }

  static Explanation.OfRules explain(DomainRules domain, List<Descriptor.Entry> entries) {
    Map<String, String> attributes = new LinkedHashMap<>();
    entries.forEach(entry -> attributes.put(entry.key(), entry.value()));
    return new DomainExplainer(domain, attributes).explain();
  }

  private Explanation.OfRules explain() {
    List<Explanation.Part> parts = new ArrayList<>();
    int doNotApply = 0;
    for (WhenIndex.Entry<CompiledRule> entry : domain.rules()) {
      Explanation.Part part = part(entry.when(), entry.value());
      if (part instanceof Explanation.Applies || doNotApply++ < MOST_LISTED) {
        parts.add(part);
      }
    }
    return new Explanation.OfRules(
        domain.file(),
        domain.partition(),
        attributes,
        parts,
        Math.max(0, doNotApply - MOST_LISTED));
  }

  private Explanation.Part part(When when, CompiledRule rule) {
    if (!when.matches(attributes)) {
      return new Explanation.DoesNot(
          rule.name(), rule.line(), Optional.empty(), Mismatch.reasons(when, attributes));
    }
    List<WrittenOverride> overrides = rule.written();
    for (int i = 0; i < overrides.size(); i++) {
      WrittenOverride override = overrides.get(i);
      if (override.when().matches(attributes)) {
        return part(
            rule,
            override.effect(),
            Optional.of(new Explanation.WinningOverride(i + 1, override.line())));
      }
    }
    return part(rule, rule.effect(), Optional.empty());
  }

  /** A rule that is for the request, and what it or its override does to it. */
  private Explanation.Part part(
      CompiledRule rule, Effect chosen, Optional<Explanation.WinningOverride> override) {
    Effect effect;
    try {
      effect = chosen.on(attributes);
    } catch (BadAttributeException bad) {
      String refused =
          "attribute %s %s; without it questions are refused"
              .formatted(bad.attribute(), bad.getMessage());
      return new Explanation.DoesNot(rule.name(), rule.line(), override, List.of(refused));
    }
    if (effect instanceof Effect.Counted counted) {
      List<String> reasons = new ArrayList<>();
      override.ifPresent(winning -> reasons.add(winning + " decides"));
      PriceList prices = counted.rule().tariff().prices();
      if (prices != null) {
        reasons.add(prices.reason(attributes));
      }
      return new Explanation.Applies(
          rule.name(),
          rule.line(),
          priced(counted.rule()),
          counted.candidate().map(this::priced),
          override,
          reasons);
    }
    return new Explanation.DoesNot(
        rule.name(), rule.line(), override, List.of(said((Effect.Exempt) effect, override)));
  }

  /** With the weights of the request, as people want to see them. */
  private Rule priced(Rule rule) {
    return rule.charging(rule.tariff().on(attributes));
  }

  private static String said(Effect.Exempt exempt, Optional<Explanation.WinningOverride> override) {
    return switch (exempt) {
      case OFF -> "mode: off" + override.map(winning -> " in " + winning).orElse("");
      case UNLIMITED ->
          override.map(winning -> "unlimited by " + winning).orElse("unlimited: true");
    };
  }
}
