package io.limiter.server.decide;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import io.limiter.server.decide.outcome.Dealt;
import io.limiter.server.decide.outcome.Doubled;
import io.limiter.server.decide.outcome.MetCounter;
import io.limiter.server.decide.outcome.Stricter;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.DescriptorMatch;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question in Envoy's terms: what its descriptors ask of which counters, and what the answer says
 * of each.
 *
 * <p>Descriptors may meet on one counter. In a domain of descriptors each is charged, as their sum;
 * in a domain of rules a request counts once, with the largest of their hits.
 */
class DescriptorQuestion implements Question<DescriptorVerdict> {
  private static final Verdict NO_RULE =
      new Verdict(true, List.of(), Source.NO_RULE, /* receipt= */ null);

  private final DescriptorRequest request;
  private final boolean countDenied;
  private final ValueHash values;
  private final List<Part> parts = new ArrayList<>();
  private final List<MetCounter> counters = new ArrayList<>();
  private final Map<String, MetCounter> byKey = new HashMap<>();

  /** What becomes of it if no limit applies to it. */
  private Verdict free = NO_RULE;

  /** Whether one of the quotas cannot be used up, so that no quota denies. */
  private boolean quotaWithRoom;

  /** What one descriptor asks. */
  private record Part(@Nullable DescriptorMatch match, List<Asked> asked) {}

  /**
   * One rule on one counter; {@code upTo} is what all that came before on it ask, and this. It is
   * held to {@code before} as well, its counter under the secret before.
   */
  private record Asked(
      Rule rule, Role role, MetCounter counter, long upTo, @Nullable MetCounter before) {
    Asked alsoOn(MetCounter other) {
      return new Asked(rule, role, counter, upTo, other);
    }

    MetCounter last() {
      return before == null ? counter : before;
    }

    Verdict.Status status(Answer.Decided decided) {
      Outcome outcome = decided.outcomes().get(counter.index());
      if (counter.isShared()) {
        outcome = Dealt.of(outcome, upTo, counter.cost(), decided.admitted());
      }
      if (before != null) {
        outcome = Stricter.of(outcome, decided.outcomes().get(before.index()));
      }
      return new Verdict.Status(
          rule, role, outcome, rule.limit().windowMicros(decided.nowMicros()));
    }
  }

  private DescriptorQuestion(DescriptorRequest request, boolean countDenied, ValueHash values) {
    this.request = request;
    this.values = values;
    this.countDenied = countDenied;
  }

  /**
   * The question that a request is.
   *
   * @throws DecisionException if its domain is unknown and this is an error
   */
  static DescriptorQuestion of(Domain domain, DescriptorRequest request, Terms terms) {
    if (!(domain instanceof Domain.OfDescriptors descriptors)) {
      DescriptorQuestion question =
          new DescriptorQuestion(request, /* countDenied= */ false, terms.values());
      if (domain instanceof Domain.Unknown) {
        question.free = terms.unknown().verdict(request.domain());
      }
      request.descriptors().forEach(one -> question.addRules(domain, one));
      return question;
    }
    DescriptorQuestion question =
        new DescriptorQuestion(
            request, descriptors.chargeOnDeny(request.chargeOnDeny()), terms.values());
    List<DescriptorMatch> matches =
        descriptors.match(
            request.descriptors().stream()
                .map(DescriptorRequest.DescriptorHits::descriptor)
                .toList());
    for (int i = 0; i < matches.size(); i++) {
      question.add(matches.get(i), request.descriptors().get(i).hits());
    }
    return question;
  }

  private void add(DescriptorMatch match, long hits) {
    List<Asked> asked = new ArrayList<>(1);
    quotaWithRoom |= isQuotaWithRoom(match);
    if (match instanceof DescriptorMatch.Limited limited) {
      String key = CounterKeys.descriptor(request.domain(), limited.counter());
      asked.add(ask(limited.rule(), limited.rule().mode().role(), key, hits, /* once= */ false));
    }
    parts.add(new Part(match, asked));
  }

  /**
   * Whether this stands among the quotas and is never used up: a shadow, or what has no limit where
   * everything is a quota. So Envoy's own service counts its quotas.
   */
  private boolean isQuotaWithRoom(DescriptorMatch match) {
    boolean allQuotas = request.leniency() == DescriptorRequest.Leniency.QUOTA;
    if (match instanceof DescriptorMatch.Limited limited) {
      return (allQuotas || limited.terms().quota()) && !limited.rule().mode().role().canDeny();
    }
    return allQuotas && match instanceof DescriptorMatch.NoLimit;
  }

  private void addRules(Domain domain, DescriptorRequest.DescriptorHits one) {
    if (!(domain instanceof Domain.OfRules rules)) {
      parts.add(new Part(null, List.of()));
      return;
    }
    Descriptor.OwnLimit own = one.descriptor().limit();
    if (own != null) {
      add(DescriptorMatch.Limited.own(one.descriptor().entries(), own), one.hits());
      return;
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    one.descriptor().entries().forEach(entry -> attributes.put(entry.key(), entry.value()));
    Match match = Selection.match(rules, attributes);
    List<Asked> asked = new ArrayList<>(match.rules().size());
    Doubled doubled = Doubled.of(match.rules(), values);
    List<String> keys =
        doubled.keys(
            (hash, rulesOf) ->
                CounterKeys.counters(
                    hash, request.domain(), match.partition(), rulesOf, attributes));
    for (int i = 0; i < keys.size(); i++) {
      Rule rule = doubled.rule(i);
      String key = keys.get(i);
      Role role = doubled.role(i, rule.roleFor(request.domain(), attributes));
      if (!hasPlace(role, rule, key, asked)) {
        continue;
      }
      // Envoy counts nothing but hits: what counts another unit is looked at.
      long cost = rule.tariff().cost(one.hits(), Map.of(), attributes);
      Asked found = ask(rule, role, key, cost, /* once= */ true);
      if (role == Role.JOINED) {
        asked.add(asked.remove(asked.size() - 1).alsoOn(found.counter));
      } else {
        asked.add(found);
      }
    }
    quotaWithRoom |= asked.isEmpty() && request.leniency() == DescriptorRequest.Leniency.QUOTA;
    parts.add(new Part(null, asked));
  }

  /** A candidate whose rule was met before, with other numbers, has no place behind that. */
  private boolean hasPlace(Role role, Rule rule, String key, List<Asked> asked) {
    Asked last = asked.isEmpty() ? null : asked.get(asked.size() - 1);
    return switch (role) {
      case CANDIDATE ->
          byKey.containsKey(key) || (last != null && last.last().index() == counters.size() - 1);
      case JOINED -> last != null && last.rule.equals(rule);
      default -> true;
    };
  }

  private Asked ask(Rule rule, Role configured, String key, long hits, boolean once) {
    Role role = lenient(configured);
    MetCounter met = countDenied ? null : byKey.get(key);
    if (met == null) {
      met = new MetCounter(counters.size(), charged(role), key, rule, hits, !once);
      counters.add(met);
      byKey.put(key, met);
    } else {
      met.meet(rule, hits, once);
    }
    return new Asked(rule, role, met, met.cost(), /* before= */ null);
  }

  private Role lenient(Role role) {
    return role.canDeny() && request.leniency() == DescriptorRequest.Leniency.QUOTA
        ? Role.QUOTA
        : role;
  }

  /** As what its counter is asked: where nothing is denied, statuses still say what would be. */
  private Role charged(Role role) {
    return role.canDeny() && request.leniency() == DescriptorRequest.Leniency.SHADOW
        ? Role.SHADOW
        : role;
  }

  @Override
  public Request.Owner owner() {
    return request.owner();
  }

  @Override
  public boolean isFree() {
    return counters.isEmpty();
  }

  @Override
  public Charge charge() {
    List<Charge.Entry> entries =
        counters.stream().map(counter -> counter.entry(quotaWithRoom)).toList();
    return countDenied
        ? new Charge.Counting(entries, request.waitNanos())
        : new Charge.Whole(entries, request.waitNanos());
  }

  @Override
  public DescriptorVerdict freeVerdict() {
    List<DescriptorVerdict.DescriptorStatus> answered = new ArrayList<>(parts.size());
    parts.forEach(
        part -> answered.add(new DescriptorVerdict.DescriptorStatus(part.match, List.of())));
    return new DescriptorVerdict(free, answered, 0);
  }

  @Override
  public DescriptorVerdict verdict(Answer answer) {
    if (!(answer instanceof Answer.Decided decided)) {
      throw new IllegalStateException("a question without idempotency key was a conflict");
    }
    List<Verdict.Status> all = new ArrayList<>();
    List<DescriptorVerdict.DescriptorStatus> answered = new ArrayList<>(parts.size());
    for (Part part : parts) {
      List<Verdict.Status> statuses = new ArrayList<>(part.asked.size());
      for (Asked asked : part.asked) {
        Verdict.Status status = asked.status(decided);
        statuses.add(status);
        all.add(charged(status));
      }
      answered.add(new DescriptorVerdict.DescriptorStatus(part.match, statuses));
    }
    Verdict whole = new Verdict(decided.admitted(), all, decided.source(), /* receipt= */ null);
    return new DescriptorVerdict(whole, answered, decided.nowMicros());
  }

  @Override
  public void tell(DecisionListener to, String domain, DescriptorVerdict told, long nanos) {
    to.decided(domain, told.whole(), nanos);
  }

  /** As it was charged, which is what metrics count: where all are shadows, nothing is enforced. */
  private Verdict.Status charged(Verdict.Status status) {
    Role role = charged(status.role());
    return role == status.role()
        ? status
        : new Verdict.Status(status.rule(), role, status.outcome(), status.windowMicros());
  }
}
