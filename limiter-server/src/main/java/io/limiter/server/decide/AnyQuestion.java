package io.limiter.server.decide;

import io.limiter.server.rules.Rules;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several {@link Request}s of which the first is charged that is admitted. One to which no rule
 * applies ends the list if it is admitted: those behind it are never asked.
 */
final class AnyQuestion implements Question<AnyVerdict> {
  private final List<Request> requests;
  private final Terms terms;
  private final List<RequestQuestion> questions = new ArrayList<>();

  /** The places of those that ask counters. */
  private final List<Integer> asking = new ArrayList<>();

  /**
   * The question that requests are.
   *
   * @throws DecisionException if the domain of one is of another form, or is unknown and this is an
   *     error
   */
  AnyQuestion(List<Request> requests, Rules rules, Terms terms) {
    this.requests = requests;
    this.terms = terms;
    for (int i = 0; i < requests.size(); i++) {
      RequestQuestion question = question(i, rules);
      questions.add(question);
      if (!question.isFree()) {
        asking.add(i);
      } else if (question.freeVerdict().allowed()) {
        break;
      }
    }
  }

  private RequestQuestion question(int place, Rules rules) {
    try {
      return RequestQuestion.of(requests.get(place), rules, terms);
    } catch (DecisionException refused) {
      throw refused.of("alternatives[" + place + "]");
    }
  }

  @Override
  public boolean isFree() {
    return asking.isEmpty();
  }

  @Override
  public AnyVerdict freeVerdict() {
    return new AnyVerdict(0, questions.stream().map(RequestQuestion::freeVerdict).toList());
  }

  @Override
  public Charge charge() {
    String fingerprint =
        requests.get(0).idempotencyKey().isEmpty() ? "" : Fingerprint.of(requests, terms.values());
    return new Charge.Any(
        asking.stream()
            .map(place -> questions.get(place).alternative(place, fingerprint))
            .toList());
  }

  /** One caller asks all of them. */
  @Override
  public Request.Owner owner() {
    return requests.get(0).owner();
  }

  @Override
  public List<Charge.Entry> inline(Charge charge) {
    List<Charge.Entry> inline = new ArrayList<>();
    List<Charge.Whole> alternatives = ((Charge.Any) charge).alternatives();
    for (int i = 0; i < asking.size(); i++) {
      inline.addAll(questions.get(asking.get(i)).inline(alternatives.get(i)));
    }
    return inline;
  }

  @Override
  public AnyVerdict verdict(Answer answer) {
    if (answer instanceof Answer.Conflict conflict) {
      int place = asking.get(conflict.place());
      throw questions.get(place).conflict().of("alternatives[" + place + "]");
    }
    Answer.Any any = (Answer.Any) answer;
    if (any.from() > 0) {
      int place = asking.get(any.from());
      return new AnyVerdict(place, List.of(questions.get(place).verdict(any.last())));
    }
    List<Verdict> told = new ArrayList<>();
    int next = 0;
    for (int place = 0; place < questions.size(); place++) {
      RequestQuestion question = questions.get(place);
      Verdict verdict =
          question.isFree() ? question.freeVerdict() : question.verdict(any.decided().get(next++));
      told.add(verdict);
      if (verdict.allowed()) {
        break;
      }
    }
    return new AnyVerdict(0, told);
  }

  /** One decision for each domain, of all of its alternatives. */
  @Override
  public void tell(DecisionListener listener, String domain, AnyVerdict verdict, long tookNanos) {
    Map<String, Verdict> byDomain = new LinkedHashMap<>();
    for (int i = 0; i < verdict.told().size(); i++) {
      byDomain.merge(
          requests.get(verdict.from() + i).domain(), verdict.told().get(i), AnyQuestion::both);
    }
    byDomain.forEach((name, whole) -> listener.decided(name, whole, tookNanos));
  }

  private static Verdict both(Verdict before, Verdict last) {
    List<Verdict.Status> statuses = new ArrayList<>(before.statuses());
    statuses.addAll(last.statuses());
    return new Verdict(last.allowed(), statuses, last.source(), last.receipt(), last.nowMicros());
  }
}
