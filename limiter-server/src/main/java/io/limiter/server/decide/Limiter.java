package io.limiter.server.decide;

import io.limiter.ledger.Ending;
import io.limiter.server.fault.Cause;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.Rules;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.Fallback;
import io.limiter.server.store.Observation;
import io.limiter.server.store.StoreException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The use case: finds the rules that apply, charges their counters in one go, and combines the
 * outcomes.
 *
 * <p>Safe to call from any thread; never blocks and never throws. A stage fails with a {@link
 * DecisionException} if the question is at fault, and with the store's exception if the counters
 * cannot be asked. Either may be wrapped in {@link CompletionException}s; {@link FailureKind#of}
 * tells what it is.
 */
public final class Limiter {
  private final Supplier<? extends Rules> rules;
  private final CounterStore store;
  private final DecisionListener listener;
  private final Fallback fallback;
  private final InlineCounters inline;
  private final Supplier<Terms> terms;

  /**
   * A limiter that admits questions about unknown domains.
   *
   * @param rules the table now in force; read once for each question
   * @param listener hears of every decision
   */
  public Limiter(Supplier<? extends Rules> rules, CounterStore store, DecisionListener listener) {
    this(rules, store, listener, UnknownDomain.ALLOW);
  }

  /**
   * A limiter.
   *
   * @param rules the table now in force; read once for each question
   * @param listener hears of every decision
   * @param unknown how questions about unknown domains are answered
   */
  public Limiter(
      Supplier<? extends Rules> rules,
      CounterStore store,
      DecisionListener listener,
      UnknownDomain unknown) {
    this(
        rules,
        store,
        listener,
        Fallback.NONE,
        new InlineCounters(Integer.MAX_VALUE, System::nanoTime),
        Terms.plain(unknown));
  }

  private Limiter(
      Supplier<? extends Rules> rules,
      CounterStore store,
      DecisionListener listener,
      Fallback fallback,
      InlineCounters inline,
      Supplier<Terms> terms) {
    this.rules = rules;
    this.store = store;
    this.listener = listener;
    this.fallback = fallback;
    this.inline = inline;
    this.terms = terms;
  }

  /** The same limiter with answers for when the counters cannot be asked; else questions fail. */
  public Limiter fallingBackOn(Fallback other) {
    return new Limiter(rules, store, listener, other, inline, terms);
  }

  /** The same limiter, with so many counters at a time for rules that come with requests. */
  public Limiter boundingInline(int most) {
    InlineCounters bounded = new InlineCounters(most, System::nanoTime);
    return new Limiter(rules, store, listener, fallback, bounded, terms);
  }

  /** The same limiter, with secrets among values hashed as is said when a question comes. */
  public Limiter hashing(Supplier<ValueHash> other) {
    return new Limiter(
        rules, store, listener, fallback, inline, () -> terms.get().hashing(other.get()));
  }

  /** Of how many counters it is known what share of guesses is used. */
  public int estimatedCounters() {
    return terms.get().estimates().counters();
  }

  /** Checks every rule that applies and, only if all enforced ones admit, charges them all. */
  public CompletionStage<Verdict> decide(Request request) {
    return decide(request.domain(), () -> RequestQuestion.of(request, rules.get(), terms.get()));
  }

  /** The same by a table that the caller has read already, so that both go by one. */
  public CompletionStage<Verdict> decide(Request request, Rules table) {
    return decide(request.domain(), () -> RequestQuestion.of(request, table, terms.get()));
  }

  /** The same for a question in Envoy's terms: all of its descriptors are decided as one. */
  public CompletionStage<DescriptorVerdict> decide(DescriptorRequest request) {
    return decide(
        request.domain(),
        () -> DescriptorQuestion.of(rules.get().domain(request.domain()), request, terms.get()));
  }

  /**
   * Decides requests one after the other until one is admitted, and charges none but that. One step
   * as far as the counters allow it.
   *
   * @param requests 1 or more, in order of preference. All or none have an idempotency key
   */
  public CompletionStage<AnyVerdict> decideAny(List<Request> requests) {
    return decide(
        requests.get(0).domain(), () -> new AnyQuestion(requests, rules.get(), terms.get()));
  }

  /** Whether what this instance cannot take on is answered by its rules, see {@link Fallback}. */
  public boolean answersOverload() {
    return fallback.answersOverload();
  }

  /** A question was refused that waited for so long that nobody read what it asked. */
  public void refusedUnread(long waitedNanos) {
    listener.failed(/* domain= */ "", FailureKind.OVERLOADED, waitedNanos);
  }

  /** Each stage is an object on the hot path: there is one after the store's own. */
  private <T> CompletionStage<T> decide(String domain, Supplier<? extends Question<T>> matching) {
    long startedNanos = System.nanoTime();
    Question<T> question;
    CompletionStage<Answer> answer;
    try {
      question = matching.get();
      if (question.isFree()) {
        T verdict = question.freeVerdict();
        question.tell(listener, domain, verdict, System.nanoTime() - startedNanos);
        return CompletableFuture.completedStage(verdict);
      }
      Charge charge = question.charge();
      RuntimeException tooMuch = question.count(charge, inline);
      if (tooMuch != null) {
        return CompletableFuture.failedStage(tooMuch);
      }
      answer = store.decide(charge);
    } catch (RuntimeException failure) {
      listener.failed(domain, FailureKind.of(failure), System.nanoTime() - startedNanos);
      return CompletableFuture.failedStage(failure);
    }
    return answer.handle(
        (counted, failure) -> verdict(domain, question, counted, failure, startedNanos));
  }

  private <T> T verdict(
      String domain,
      Question<T> question,
      @Nullable Answer answer,
      @Nullable Throwable failure,
      long startedNanos) {
    @Nullable RuntimeException cause = failure == null ? null : unchecked(failure);
    try {
      Answer told = cause == null ? answer : instead(question.charge(), domain, cause);
      if (told != null) {
        T verdict = question.verdict(told);
        question.tell(listener, domain, verdict, System.nanoTime() - startedNanos);
        return verdict;
      }
    } catch (RuntimeException conflict) {
      cause = conflict;
    }
    // Made here and not above: its stack takes longer than a decision.
    cause = cause == null ? new IllegalStateException("no answer") : cause;
    listener.failed(domain, FailureKind.of(cause), System.nanoTime() - startedNanos);
    throw cause;
  }

  private @Nullable Answer instead(Charge charge, String domain, RuntimeException cause) {
    if (!(cause instanceof StoreException failure)) {
      return null;
    }
    Answer answer = fallback.answer(charge, failure);
    if (answer != null) {
      listener.fellBack(domain, FailureKind.of(failure));
    }
    return answer;
  }

  /**
   * Which rules apply to a request and why, and the state of their counters. Charges nothing. If
   * the counters cannot be asked, their state says so, and the rest is answered.
   */
  public CompletionStage<ExplainResult> explain(ExplainQuestion question) {
    return attempt(() -> Explainer.look(rules.get(), question, terms.get(), store));
  }

  /**
   * Gives back what an admitted question charged.
   *
   * @return false if it was given back before, or nothing of it counts any more
   */
  public CompletionStage<Boolean> refund(Receipt receipt) {
    return attempt(() -> store.refund(receipt));
  }

  /** The same of what it holds. */
  public CompletionStage<Boolean> refund(HoldRequest release) {
    Receipt charged = release.receipt().charged();
    CompletionStage<Boolean> refunded =
        charged == null ? CompletableFuture.completedStage(false) : refund(charged);
    return end(release)
        .thenCombine(
            refunded,
            (ended, given) -> given || (!release.isFree() && ended.state() == Ending.State.ENDED));
  }

  /** Ends what a question holds, or renews it. */
  public CompletionStage<HoldVerdict> end(HoldRequest request) {
    if (request.isFree()) {
      return CompletableFuture.completedStage(request.freeVerdict());
    }
    return attempt(
        () -> {
          Charge.Ending ending = request.charge();
          Answer here = fallback.ended(ending);
          return here == null
              ? store.decide(ending).thenApply(answer -> ended(request, answer))
              : CompletableFuture.completedStage(ended(request, here));
        });
  }

  private HoldVerdict ended(HoldRequest request, Answer answer) {
    request.teach(answer, terms.get().estimates());
    return request.verdict(answer);
  }

  /**
   * Deletes the counters that are selected.
   *
   * @return how many counters there were
   */
  public CompletionStage<Integer> reset(Selection selection) {
    return attempt(
        () -> {
          List<String> keys = selection.counters(rules.get(), terms.get().values());
          selection.work().take(keys.size());
          return keys.isEmpty() ? CompletableFuture.completedStage(0) : store.reset(keys);
        });
  }

  /**
   * Takes in what an upstream said of its own limit. The rules that are selected and learn hold to
   * it from now on.
   *
   * @param unit rules that count this are meant; empty for requests
   * @return in how many counters it is held to
   */
  public CompletionStage<Integer> observe(Selection selection, String unit, Observation said) {
    return attempt(
        () -> {
          List<String> keys = selection.learning(rules.get(), terms.get().values(), unit);
          selection.work().take(keys.size());
          return keys.isEmpty() ? CompletableFuture.completedStage(0) : store.observe(keys, said);
        });
  }

  /** What others may read of a selection's attributes: a secret stands as its hash. */
  public Map<String, String> readable(Selection selection) {
    return selection.readable(rules.get(), terms.get().values());
  }

  private static <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> question) {
    try {
      return question.get();
    } catch (RuntimeException failure) {
      return CompletableFuture.failedStage(failure);
    }
  }

  private static RuntimeException unchecked(Throwable failure) {
    Throwable cause = Cause.of(failure);
    return cause instanceof RuntimeException exception ? exception : new CompletionException(cause);
  }
}
