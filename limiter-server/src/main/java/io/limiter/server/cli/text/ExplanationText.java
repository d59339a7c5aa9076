package io.limiter.server.cli.text;

import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.live.RulesText;
import io.limiter.v1.CounterExplanation;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.RuleExplanation;
import java.util.List;

/** An explanation as text: the rules that apply, then those that do not. */
public final class ExplanationText {
  private final StringBuilder text = new StringBuilder();

  private ExplanationText() {}

  public static String of(String domain, ExplainResponse answer) {
    if (!answer.getKnownDomain()) {
      return "domain %s is unknown: it has no rules; %s"
          .formatted(
              Quoted.line(domain),
              answer.getNearestDomain().isEmpty()
                  ? "check its spelling"
                  : "did you mean %s?".formatted(Quoted.line(answer.getNearestDomain())));
    }
    List<RuleExplanation> applying =
        answer.getRulesList().stream().filter(RuleExplanation::getApplies).toList();
    List<RuleExplanation> others =
        answer.getRulesList().stream().filter(rule -> !rule.getApplies()).toList();
    int all = answer.getRulesCount() + answer.getRulesNotListed();
    ExplanationText out = new ExplanationText();
    out.text.append(
        applying.isEmpty()
            ? "domain %s: nothing applies, the request is admitted".formatted(Quoted.line(domain))
            : "domain %s: %d of %s %s"
                .formatted(
                    Quoted.line(domain),
                    applying.size(),
                    RulesText.count(all, "rule"),
                    applying.size() == 1 ? "applies" : "apply"));
    applying.forEach(out::applies);
    if (!others.isEmpty()) {
      out.line("");
      out.line("does not apply:");
      others.forEach(out::doesNotApply);
    }
    if (answer.getRulesNotListed() > 0) {
      out.line("  and %d more".formatted(answer.getRulesNotListed()));
    }
    return out.text.toString();
  }

  private void applies(RuleExplanation rule) {
    line("");
    line("%s  %s".formatted(rule.getRule(), place(rule)));
    rule.getReasonsList().forEach(reason -> line("  " + reason));
    counter(rule.getCounter());
    if (rule.hasCandidate()) {
      counter(rule.getCandidate());
    }
  }

  private void counter(CounterExplanation counter) {
    line("  %s: %s%s".formatted(mode(counter), counter.getLimit(), unit(counter)));
    line(
        "    "
            + (counter.hasStatus()
                ? AnswerText.left(counter.getStatus())
                : "state unknown: " + counter.getUnknown()));
    if (!counter.getEstimate().isEmpty()) {
      line("    " + counter.getEstimate());
    }
    line("    " + counter.getKey());
  }

  /** Requests need no word: they are what is counted if a rule names no unit. */
  private static String unit(CounterExplanation counter) {
    return counter.getUnit().isEmpty() ? "" : ", counts %s".formatted(counter.getUnit());
  }

  private static String mode(CounterExplanation counter) {
    if (!counter.hasEnforcedBasisPoints()) {
      return counter.getMode();
    }
    int points = counter.getEnforcedBasisPoints();
    String share = "%d.%02d".formatted(points / 100, points % 100).replaceAll("\\.?0+$", "");
    return "%s (enforced for %s%% of keys, %s)"
        .formatted(
            counter.getMode(),
            share,
            counter.getMode().equals("enforce") ? "this one too" : "not for this one");
  }

  private void doesNotApply(RuleExplanation rule) {
    String name = rule.getRule().isEmpty() ? place(rule) : rule.getRule() + "  " + place(rule);
    line("  " + name);
    rule.getReasonsList().forEach(reason -> line("    " + reason));
  }

  private static String place(RuleExplanation rule) {
    return rule.getFile() + ":" + rule.getLine();
  }

  private void line(String line) {
    text.append(text.isEmpty() ? "" : System.lineSeparator()).append(Quoted.line(line));
  }
}
