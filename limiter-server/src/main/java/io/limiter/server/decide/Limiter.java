package io.limiter.server.decide;

import io.limiter.server.rules.Match;
import io.limiter.server.rules.Matcher;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterKeys;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.Receipt;
import io.limiter.server.store.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides questions: finds the rules that apply, asks their counters in one go, and combines what
 * they say.
 *
 * <p>Safe to call from any thread; never blocks and never throws. A stage that fails does so with a
 * {@link DecisionException} when the question is at fault and with the store's exception when the
 * counters could not be asked; either may come wrapped in a {@link CompletionException}.
 */
public final class Limiter {
  private final Supplier<? extends Matcher> rules;
  private final CounterStore store;
  private final DecisionListener listener;

  /**
   * A limiter.
   *
   * @param rules the table now in force; read once for each question
   * @param listener told of every decision
   */
  public Limiter(Supplier<? extends Matcher> rules, CounterStore store, DecisionListener listener) {
    this.rules = rules;
    this.store = store;
    this.listener = listener;
  }

  /** Checks every rule that applies and, only if all enforced ones admit, charges them all. */
  public CompletionStage<Verdict> decide(Request request) {
    return timed(request.domain(), () -> ask(request), verdict -> verdict);
  }

  /** The same for a question in Envoy's terms: all of its descriptors are decided as one. */
  public CompletionStage<DescriptorVerdict> decide(DescriptorRequest request) {
    return timed(request.domain(), () -> ask(request), DescriptorVerdict::whole);
  }

  private <T> CompletionStage<T> timed(
      String domain, Supplier<CompletionStage<T>> question, Function<T, Verdict> whole) {
    long startedNanos = System.nanoTime();
    return attempt(question)
        .whenComplete(
            (verdict, failure) -> {
              long tookNanos = System.nanoTime() - startedNanos;
              if (failure == null) {
                listener.decided(domain, whole.apply(verdict), tookNanos);
              } else {
                listener.failed(domain, unwrapped(failure), tookNanos);
              }
            });
  }

  private CompletionStage<DescriptorVerdict> ask(DescriptorRequest request) {
    DescriptorQuestion question = DescriptorQuestion.of(rules.get(), request);
    return question.isFree()
        ? CompletableFuture.completedStage(question.freeVerdict())
        : store.decide(question.charge()).thenApply(question::verdict);
  }

  /**
   * Which rules apply to a request and why, and where their counters stand. Charges nothing. Where
   * the counters cannot be asked, their state says so and the rest is answered.
   */
  public CompletionStage<Explained> explain(ExplainQuestion question) {
    return attempt(() -> Explainer.look(Explainer.explain(rules.get(), question), store));
  }

  /**
   * Gives back what an admitted question charged.
   *
   * @return false when it was given back before or nothing of it is left to give back
   */
  public CompletionStage<Boolean> refund(Receipt receipt) {
    return attempt(() -> store.refund(receipt));
  }

  /**
   * Forgets the counters that the attributes select.
   *
   * @param rules the rules whose counters are meant, each of which must apply; empty for every rule
   *     that applies
   * @return how many counters there were
   */
  public CompletionStage<Integer> reset(
      String domain, Map<String, String> attributes, List<String> rules) {
    return attempt(
        () -> {
          Match match = match(domain, attributes);
          List<String> keys =
              selected(domain, match.rules(), rules).stream()
                  .map(rule -> CounterKeys.counter(domain, match.partition(), rule, attributes))
                  .toList();
          return keys.isEmpty() ? CompletableFuture.completedStage(0) : store.reset(keys);
        });
  }

  private static List<Rule> selected(String domain, List<Rule> applying, List<String> names) {
    if (names.isEmpty()) {
      return applying;
    }
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (applying.stream().noneMatch(rule -> rule.name().equals(name))) {
        throw new DecisionException(
            "rules[" + i + "]",
            ("rules[%d] %s is no rule of domain %s that applies to these attributes;"
                    + " name one that does, and pass every attribute in its key")
                .formatted(i, name, domain));
      }
    }
    return applying.stream().filter(rule -> names.contains(rule.name())).toList();
  }

  private Match match(String domain, Map<String, String> attributes) {
    Match match = rules.get().match(domain, attributes);
    if (match.isOfDescriptors()) {
      throw new DecisionException(
          "domain",
          ("domain %s is made of descriptors, whose entries have an order that attributes lack;"
                  + " ask envoy.service.ratelimit.v3.RateLimitService, or use a domain of rules")
              .formatted(domain));
    }
    return match;
  }

  private CompletionStage<Verdict> ask(Request request) {
    List<Rule> applying = request.inlineRules();
    List<String> partition = List.of();
    if (applying.isEmpty()) {
      Match match = match(request.domain(), request.attributes());
      applying = match.rules();
      partition = match.partition();
    }
    if (applying.isEmpty()) {
      return CompletableFuture.completedStage(
          new Verdict(true, List.of(), Source.NO_RULE, /* receipt= */ null));
    }
    List<Rule> asked = applying;
    return store
        .decide(charge(request, partition, asked))
        .thenApply(answer -> verdict(request, asked, answer));
  }

  private static Charge charge(Request request, List<String> partition, List<Rule> rules) {
    List<Charge.Entry> entries = new ArrayList<>(rules.size());
    for (Rule rule : rules) {
      String key = CounterKeys.counter(request.domain(), partition, rule, request.attributes());
      Rule.Mode.Kind kind = kind(rule, request.domain(), request.attributes());
      entries.add(
          new Charge.Entry(
              role(kind), key, rule.limit(), cost(request, rule), rule.sharing().lease()));
    }
    return new Charge(
        entries, /* countDenied= */ false, request.wantReceipt(), idempotency(request));
  }

  /** What a rule does for the key of a request: one that is being rolled out, enforce or shadow. */
  static Rule.Mode.Kind kind(Rule rule, String domain, Map<String, String> attributes) {
    Rule.Mode mode = rule.mode();
    return mode.isPartial() && CounterKeys.share(domain, rule, attributes) >= mode.basisPoints()
        ? Rule.Mode.Kind.SHADOW
        : mode.kind();
  }

  static Charge.Role role(Rule.Mode.Kind kind) {
    return switch (kind) {
      case ENFORCE -> Charge.Role.ENFORCED;
      case QUOTA -> Charge.Role.QUOTA;
      case SHADOW -> Charge.Role.SHADOW;
      case CANDIDATE -> Charge.Role.CANDIDATE;
    };
  }

  private static long cost(Request request, Rule rule) {
    return rule.unit().isEmpty()
        ? request.cost()
        : request.unitCosts().getOrDefault(rule.unit(), 0L);
  }

  private static Charge.@Nullable Idempotency idempotency(Request request) {
    String key = request.idempotencyKey();
    return key.isEmpty()
        ? null
        : new Charge.Idempotency(
            CounterKeys.idempotency(request.domain(), key), Fingerprint.of(request));
  }

  private static Verdict verdict(Request request, List<Rule> rules, Answer answer) {
    if (!(answer instanceof Answer.Decided decided)) {
      throw new DecisionException(
          "idempotency_key",
          ("idempotency_key %s was used within the last minute for another question;"
                  + " use a new key for each question")
              .formatted(request.idempotencyKey()));
    }
    // The first answer stands even where the rules have changed since; which rule said what is
    // then no longer known.
    boolean known = !decided.replayed() || decided.outcomes().size() == rules.size();
    return new Verdict(
        decided.admitted(),
        known ? statuses(request, rules, decided) : List.of(),
        decided.source(),
        decided.receipt());
  }

  private static List<Verdict.Status> statuses(
      Request request, List<Rule> rules, Answer.Decided decided) {
    List<Verdict.Status> statuses = new ArrayList<>(rules.size());
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      statuses.add(
          new Verdict.Status(
              rule,
              kind(rule, request.domain(), request.attributes()),
              decided.outcomes().get(i),
              rule.limit().windowMicros(decided.nowMicros())));
    }
    return statuses;
  }

  private static <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> question) {
    try {
      return question.get();
    } catch (RuntimeException failure) {
      return CompletableFuture.failedStage(failure);
    }
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
