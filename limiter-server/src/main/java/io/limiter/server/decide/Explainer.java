package io.limiter.server.decide;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Holding;
import io.limiter.ledger.Role;
import io.limiter.server.decide.outcome.Doubled;
import io.limiter.server.fault.Cause;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Rules;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Explains which rules apply to a request and why. Charges nothing: counters are read as shadows,
 * at a cost of 0.
 */
public final class Explainer {
  private Explainer() {}

  /**
   * The explanation without the counters' state.
   *
   * @param values how secrets among the values are hashed
   * @throws DecisionException if the domain is made of descriptors and the entries have no order
   */
  public static ExplainResult explain(Rules rules, ExplainQuestion question, ValueHash values) {
    String domain = question.domain();
    Explanation explanation = rules.domain(domain).explain(question.entries());
    if (explanation instanceof Explanation.UnknownDomain) {
      explanation = new Explanation.UnknownDomain(rules.nearest(domain));
    }
    Map<Rule, ExplainResult.Counter> counters = new LinkedHashMap<>();
    if (explanation instanceof Explanation.OfRules ofRules) {
      for (Explanation.Part part : ofRules.rules()) {
        if (part instanceof Explanation.Applies applies) {
          List<Rule> both = new ArrayList<>();
          both.add(applies.rule());
          applies.candidate().ifPresent(both::add);
          addCounters(counters, domain, ofRules, both, values);
        }
      }
    } else if (explanation instanceof Explanation.OfDescriptors ofDescriptors) {
      if (!question.ordered() && question.entries().size() > 1) {
        throw DecisionException.invalid(
            "attributes",
            ("attributes have no order, and domain %s is made of descriptors, which need one;"
                    + " pass entries instead")
                .formatted(Quoted.text(domain)));
      }
      if (ofDescriptors.match() instanceof DescriptorMatch.Limited limited) {
        Rule rule = limited.rule();
        String key = CounterKeys.descriptor(domain, limited.counter());
        counters.put(rule, new ExplainResult.Counter(rule.mode().role(), key));
      }
    }
    return new ExplainResult(rules.hash(), explanation, counters);
  }

  private static void addCounters(
      Map<Rule, ExplainResult.Counter> counters,
      String domain,
      Explanation.OfRules explanation,
      List<Rule> rules,
      ValueHash values) {
    Map<String, String> attributes = explanation.attributes();
    List<String> keys =
        CounterKeys.counters(values, domain, explanation.partition(), rules, attributes);
    for (int i = 0; i < keys.size(); i++) {
      Rule rule = rules.get(i);
      counters.put(rule, new ExplainResult.Counter(rule.roleFor(domain, attributes), keys.get(i)));
    }
  }

  /**
   * The same with the counters' state, and with what is learned of guesses. If the store cannot be
   * asked now, the state says so; any other failure of the store fails the stage.
   */
  static CompletionStage<ExplainResult> look(
      Rules rules, ExplainQuestion question, Terms terms, CounterStore store) {
    ExplainResult explained =
        explain(rules, question, terms.values()).estimatedBy(terms.estimates());
    if (explained.counters().isEmpty()) {
      return CompletableFuture.completedStage(explained);
    }
    Map<String, String> attributes =
        explained.explanation() instanceof Explanation.OfRules ofRules
            ? ofRules.attributes()
            : Map.of();
    List<Rule> all = List.copyOf(explained.counters().keySet());
    Doubled doubled = Doubled.of(all, terms.values());
    List<String> keys =
        doubled.keys(
            (hash, asked) ->
                explained.explanation() instanceof Explanation.OfRules ofRules
                    ? CounterKeys.counters(
                        hash, question.domain(), ofRules.partition(), asked, attributes)
                    : explained.counters().values().stream()
                        .map(ExplainResult.Counter::key)
                        .toList());
    List<Charge.Entry> looks = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Rule rule = doubled.rule(i);
      looks.add(
          new Charge.Entry(
              Role.SHADOW,
              keys.get(i),
              rule.limitFor(doubled.values(i), attributes),
              /* cost= */ 0,
              rule.onFailure(),
              /* lease= */ null,
              rule.learns(),
              look(rule)));
    }
    question.work().take(looks.size());
    return store
        .decide(new Charge.Whole(looks))
        .handle(
            (answer, failure) ->
                failure == null ? seen(explained, doubled, answer) : unknown(explained, failure));
  }

  private static ExplainResult seen(ExplainResult explained, Doubled doubled, Answer answer) {
    if (!(answer instanceof Answer.Decided decided)) {
      throw new IllegalStateException("a question without idempotency key was a conflict");
    }
    Iterator<Outcome> outcomes = doubled.folded(decided).outcomes().iterator();
    return explained.with(
        (rule, counter) ->
            new ExplainResult.State.Seen(
                new Verdict.Status(
                    rule,
                    counter.role(),
                    outcomes.next(),
                    rule.limit().windowMicros(decided.nowMicros()))));
  }

  private static ExplainResult unknown(ExplainResult explained, Throwable failure) {
    Throwable cause = Cause.of(failure);
    if (cause instanceof StoreException store && !store.kind().isDefect()) {
      ExplainResult.State unknown = new ExplainResult.State.Unknown(store.told());
      return explained.with((rule, counter) -> unknown);
    }
    throw new CompletionException(cause);
  }

  /** Takes no hold, and sees what is held. */
  private static @Nullable Holding look(Rule rule) {
    Holding holding = rule.holding();
    return holding == null ? null : new Holding(0, holding.chargedWhenExpired());
  }
}
