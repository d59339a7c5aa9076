package io.limiter.server.rules.table;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.index.When;
import io.limiter.server.rules.index.WhenIndex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Explains a domain of rules, by walking all of them: not by the index that decisions go by. */
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
      CompiledRule rule = entry.value();
      Verdict verdict = verdict(entry.when(), rule);
      if (verdict.effect instanceof Effect.Counted counted) {
        parts.add(applies(rule, counted, verdict.override));
      } else if (doNotApply++ < MOST_LISTED) {
        parts.add(doesNot(entry.when(), rule, verdict));
      }
    }
    return new Explanation.OfRules(
        domain.file(),
        domain.partition(),
        attributes,
        parts,
        Math.max(0, doNotApply - MOST_LISTED));
  }

  /**
   * What a rule does to the request.
   *
   * @param effect null when the rule is for other requests
   */
  private record Verdict(@Nullable Effect effect, Explanation.@Nullable WinningOverride override) {}

  private Verdict verdict(When when, CompiledRule rule) {
    if (!when.matches(attributes)) {
      return new Verdict(null, null);
    }
    List<WrittenOverride> overrides = rule.written();
    for (int i = 0; i < overrides.size(); i++) {
      WrittenOverride override = overrides.get(i);
      if (override.when().matches(attributes)) {
        return new Verdict(
            override.effect(), new Explanation.WinningOverride(i + 1, override.line()));
      }
    }
    return new Verdict(rule.effect(), null);
  }

  private static Explanation.Applies applies(
      CompiledRule rule, Effect.Counted counted, Explanation.@Nullable WinningOverride override) {
    List<String> reasons = override == null ? List.of() : List.of(override + " decides");
    return new Explanation.Applies(
        rule.name(), rule.line(), counted.rule(), counted.candidate(), override, reasons);
  }

  private Explanation.DoesNot doesNot(When when, CompiledRule rule, Verdict verdict) {
    List<String> reasons =
        verdict.effect instanceof Effect.Exempt exempt
            ? List.of(said(exempt, verdict.override))
            : Mismatch.reasons(when, attributes);
    return new Explanation.DoesNot(rule.name(), rule.line(), verdict.override, reasons);
  }

  private static String said(Effect.Exempt exempt, Explanation.@Nullable WinningOverride override) {
    return switch (exempt) {
      case OFF -> override == null ? "mode: off" : "mode: off in " + override;
      case UNLIMITED -> override == null ? "unlimited: true" : "unlimited by " + override;
    };
  }
}
