package io.limiter.server.decide;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Held;
import io.limiter.ledger.Holding;
import io.limiter.ledger.Role;
import io.limiter.server.decide.outcome.Doubled;
import io.limiter.server.decide.outcome.Spread;
import io.limiter.server.estimate.Guess;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Levels;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Rules;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A {@link Request} and the rules that apply to it. */
class RequestQuestion implements Question<Verdict> {
  private static final Verdict FREE =
      new Verdict(true, List.of(), Source.NO_RULE, /* receipt= */ null);

  private final Request request;
  private final List<String> partition;
  private final List<Rule> rules;
  private final ValueHash values;
  private final Doubled doubled;

  /** What is held in place of what, of each rule; empty if no rule estimates. */
  private final List<Guess> guesses;

  private RequestQuestion(Request request, List<String> partition, List<Rule> rules, Terms terms) {
    this.request = request;
    this.values = terms.values();
    this.partition = partition;
    this.rules = forPriority(rules, request.priority());
    this.doubled = Doubled.of(this.rules, values);
    // Found once, so that what is charged is what is told.
    this.guesses =
        request.holdMicros() == 0
            ? List.of()
            : terms.estimates().guesses(this.rules, () -> keys(values, this.rules), this::asked);
  }

  /** Most rules admit all priorities alike. */
  private static List<Rule> forPriority(List<Rule> rules, String priority) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).hasPriorities()) {
        return rules.stream().map(rule -> rule.forPriority(priority)).toList();
      }
    }
    return rules;
  }

  /** A question whose domain has no rules. */
  private static final class OfUnknownDomain extends RequestQuestion {
    private final Verdict verdict;

    OfUnknownDomain(Request request, Verdict verdict, Terms terms) {
      super(request, List.of(), List.of(), terms);
      this.verdict = verdict;
    }

    @Override
    public Verdict freeVerdict() {
      return verdict;
    }
  }

  /**
   * The question that a request is.
   *
   * @throws DecisionException if its domain is of another form, or is unknown and this is an error
   */
  static RequestQuestion of(Request request, Rules rules, Terms terms) {
    if (!request.inlineRules().isEmpty()) {
      return new RequestQuestion(request, List.of(), request.applyingInlineRules(), terms);
    }
    Domain domain = rules.domain(request.domain());
    if (domain instanceof Domain.Unknown) {
      return new OfUnknownDomain(request, terms.unknown().verdict(request.domain()), terms);
    }
    Match found = Selection.match(domain, request.domain(), request.attributes());
    return new RequestQuestion(request, found.partition(), found.rules(), terms);
  }

  @Override
  public boolean isFree() {
    return rules.isEmpty();
  }

  @Override
  public Verdict freeVerdict() {
    return FREE;
  }

  @Override
  public void tell(DecisionListener listener, String domain, Verdict verdict, long tookNanos) {
    listener.decided(domain, verdict, tookNanos);
  }

  @Override
  public Request.Owner owner() {
    return request.owner();
  }

  @Override
  public List<Charge.Entry> inline(Charge charge) {
    return request.inlineRules().isEmpty() ? List.of() : charge.entries();
  }

  @Override
  public Charge charge() {
    return whole(
        (counter, key) -> RecordKeys.idempotency(values, counter, key),
        () -> Fingerprint.of(request, values));
  }

  /**
   * What it charges as one of several, unless it is free.
   *
   * @param place which one, from 0
   * @param fingerprint of all of them
   */
  Charge.Whole alternative(int place, String fingerprint) {
    return whole(
        (counter, key) -> RecordKeys.idempotencyOfAlternative(values, counter, key, place),
        () -> fingerprint);
  }

  /**
   * What it charges.
   *
   * @param record where the first answer is kept, by the first counter and the idempotency key
   */
  private Charge.Whole whole(BinaryOperator<String> record, Supplier<String> fingerprint) {
    List<String> keys = keys();
    String key = request.idempotencyKey();
    Charge.Idempotency idempotency =
        key.isEmpty()
            ? null
            : new Charge.Idempotency(record.apply(keys.get(0), key), fingerprint.get());
    Charge.Entry[] entries = new Charge.Entry[keys.size()];
    for (int i = 0; i < entries.length; i++) {
      Rule rule = doubled.rule(i);
      entries[i] =
          new Charge.Entry(
              doubled.role(i, roleOf(rule)),
              keys.get(i),
              limit(i),
              cost(doubled.place(i)),
              rule.onFailure(),
              rule.sharing().lease(),
              rule.learns(),
              holding(rule));
    }
    return new Charge.Whole(
        List.of(entries), request.wantReceipt(), idempotency, request.waitNanos());
  }

  private List<String> keys() {
    return doubled.keys(this::keys);
  }

  private List<String> keys(ValueHash hash, List<Rule> asked) {
    return CounterKeys.counters(hash, request.domain(), partition, asked, request.attributes());
  }

  private Role roleOf(Rule rule) {
    return rule.roleFor(request.domain(), request.attributes());
  }

  /**
   * What is held, for no longer than the rule allows. What a concurrency limit admits always is.
   */
  private @Nullable Holding holding(Rule rule) {
    Holding most = rule.holding();
    boolean always = rule.limit() instanceof ConcurrencyLimit;
    if (most == null || (always && request.holdMicros() == 0)) {
      return most;
    }
    return new Holding(Math.min(request.holdMicros(), most.micros()), most.chargedWhenExpired());
  }

  private Limit limit(int entry) {
    Rule rule = doubled.rule(entry);
    return rule.limit() instanceof ConcurrencyLimit concurrency && request.holdMicros() > 0
        ? new ConcurrencyLimit(
            concurrency.limit(), Math.min(request.holdMicros(), concurrency.holdMicros()))
        : rule.limitFor(doubled.values(entry), request.attributes());
  }

  /** What a rule is charged: what the request says, or what is held in its place. */
  private long cost(int place) {
    Guess guess = guess(place);
    return guess.guessed() == 0 ? asked(rules.get(place)) : guess.held();
  }

  private long asked(Rule rule) {
    return rule.tariff().cost(request.cost(), request.unitCosts(), request.attributes());
  }

  private Guess guess(int place) {
    return guesses.isEmpty() ? Guess.NONE : guesses.get(place);
  }

  @Override
  public Verdict verdict(Answer answer) {
    if (!(answer instanceof Answer.Decided decided)) {
      throw conflict();
    }
    // The first answer stands even where the rules have changed since; which rule said what is
    // then no longer known.
    boolean known = !decided.replayed() || decided.outcomes().size() == doubled.size();
    return new Verdict(
        decided.admitted(),
        known ? statuses(doubled.folded(decided)) : List.of(),
        decided.source(),
        decided.receipt(),
        decided.nowMicros(),
        holds(decided));
  }

  /** What was taken; none where the rules have changed since the first answer. */
  private @Nullable HoldReceipt holds(Answer.Decided decided) {
    List<HoldReceipt.Hold> holds = new ArrayList<>(0);
    for (int i = 0; i < decided.held().size(); i++) {
      Held held = decided.held().get(i);
      if (held.number() != 0) {
        Rule rule = doubled.rule(i);
        Holding most = rule.holding();
        holds.add(
            new HoldReceipt.Hold(
                rule.name(),
                roleOf(rule),
                rule.tariff().on(request.attributes()),
                limit(i),
                keys().get(i),
                most == null ? 0 : most.micros(),
                held.number(),
                held.expiresMicros(),
                // What was used is learned once.
                decided.replayed() || doubled.isFurther(i) ? Guess.NONE : guess(i)));
      }
    }
    return decided.admitted() && (!holds.isEmpty() || request.holdMicros() > 0)
        ? new HoldReceipt(decided.holdName(), decided.receipt(), holds)
        : null;
  }

  /** Its idempotency key belongs to another question. */
  DecisionException conflict() {
    return DecisionException.conflict(
        "idempotency_key",
        ("idempotency_key %s was used within the last minute for another question;"
                + " use a new key for each question")
            .formatted(Quoted.text(request.idempotencyKey())));
  }

  /** Of shared counters only: what an instance counts by itself says little of them. */
  private Levels.Level level(Rule rule, Answer.Decided decided, int place) {
    Levels levels = rule.sharing().levels();
    if (levels.isNone()
        || (decided.source() != Source.REDIS && decided.source() != Source.DENY_CACHE)) {
      return Levels.Level.NONE;
    }
    Outcome outcome = decided.outcomes().get(place);
    boolean charged = decided.admitted() && !decided.replayed() && outcome.admits();
    return levels.at(rule.limit().limit() - outcome.remaining(), charged ? cost(place) : 0);
  }

  private List<Verdict.Status> statuses(Answer.Decided decided) {
    Verdict.Status[] statuses = new Verdict.Status[rules.size()];
    for (int i = 0; i < statuses.length; i++) {
      Rule rule = rules.get(i);
      statuses[i] =
          new Verdict.Status(
              rule,
              roleOf(rule),
              Spread.of(decided.outcomes().get(i), rule.sharing().retrySpread()),
              rule.limit().windowMicros(decided.nowMicros()),
              level(rule, decided, i),
              decided.held().isEmpty() ? Held.NONE : decided.held().get(i),
              decided.replayed() ? Guess.NONE : guess(i));
    }
    return List.of(statuses);
  }
}
