package io.limiter.server.api;

import io.limiter.server.decide.ExplainResult;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.Rule;
import io.limiter.v1.CounterExplanation;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.OverrideExplanation;
import io.limiter.v1.RuleExplanation;
import java.util.Objects;

/** Translates explanations to {@code limiter.v1}. */
public final class ExplainWriter {
  private ExplainWriter() {}

  /** The response of {@code Explain}, which the command of that name also prints. */
  public static ExplainResponse response(ExplainResult explained) {
    ExplainResponse.Builder response =
        ExplainResponse.newBuilder().setRulesHash(explained.rulesHash());
    Explanation explanation = explained.explanation();
    if (explanation instanceof Explanation.OfRules rules) {
      response.setRulesNotListed(rules.notListed());
      for (Explanation.Part part : rules.rules()) {
        response.addRules(part(explained, rules.file(), part));
      }
    } else if (explanation instanceof Explanation.OfDescriptors descriptors) {
      response.addRules(descriptors(explained, descriptors));
    }
    if (explanation instanceof Explanation.UnknownDomain unknown) {
      unknown.nearest().ifPresent(response::setNearestDomain);
    } else {
      response.setKnownDomain(true);
    }
    return response.build();
  }

  private static RuleExplanation part(ExplainResult explained, String file, Explanation.Part part) {
    RuleExplanation.Builder wire =
        RuleExplanation.newBuilder()
            .setRule(part.name())
            .setFile(file)
            .setLine(part.line())
            .addAllReasons(part.reasons());
    part.override().map(ExplainWriter::override).ifPresent(wire::setOverride);
    if (part instanceof Explanation.Applies applies) {
      wire.setApplies(true).setCounter(counter(explained, applies.rule()));
      applies
          .candidate()
          .map(candidate -> counter(explained, candidate))
          .ifPresent(wire::setCandidate);
    }
    return wire.build();
  }

  private static OverrideExplanation override(Explanation.WinningOverride override) {
    return OverrideExplanation.newBuilder()
        .setNumber(override.number())
        .setLine(override.line())
        .build();
  }

  private static RuleExplanation descriptors(
      ExplainResult explained, Explanation.OfDescriptors descriptors) {
    RuleExplanation.Builder wire =
        RuleExplanation.newBuilder()
            .setFile(descriptors.file())
            .setLine(descriptors.line())
            .addAllReasons(descriptors.steps());
    if (descriptors.match() instanceof DescriptorMatch.Limited limited) {
      wire.setRule(limited.rule().name())
          .setApplies(true)
          .setCounter(counter(explained, limited.rule()));
    }
    return wire.build();
  }

  private static CounterExplanation counter(ExplainResult explained, Rule rule) {
    ExplainResult.Counter counter = Objects.requireNonNull(explained.counters().get(rule));
    CounterExplanation.Builder wire =
        CounterExplanation.newBuilder()
            .setMode(counter.role().label())
            .setLimit(rule.limitText())
            .setKey(counter.key())
            .setUnit(rule.unit());
    if (rule.mode().isPartial()) {
      wire.setEnforcedBasisPoints(rule.mode().basisPoints());
    }
    counter.factor().ifPresent(factor -> wire.setEstimate(factor.text()));
    if (counter.state() instanceof ExplainResult.State.Seen seen) {
      wire.setStatus(ResponseWriter.status(seen.status()));
    } else if (counter.state() instanceof ExplainResult.State.Unknown unknown) {
      wire.setUnknown(unknown.reason());
    } else {
      wire.setUnknown("no Redis was asked");
    }
    return wire.build();
  }
}
