package io.limiter.server.decide;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.Ending;
import io.limiter.ledger.FailureMode;
import io.limiter.server.estimate.Estimates;
import io.limiter.server.estimate.Guess;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Levels;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * That what a question holds ends or goes on.
 *
 * @param cost what was really used, or how much more is wanted, of rules that count requests
 * @param unitCosts the same of those that count other units; of one that is not named, 0
 * @param holdMicros to extend: for how long from now; else 0
 * @param waitNanos how long an answer is of use to the caller, or {@link Charge#ANY_WAIT}
 */
public record HoldRequest(
    Ending.What what,
    HoldReceipt receipt,
    long cost,
    Map<String, Long> unitCosts,
    long holdMicros,
    long waitNanos) {

  /** Whether nothing was held, so that nothing is to be asked. */
  boolean isFree() {
    return receipt.holds().isEmpty();
  }

  /** The question that it is to the counters. */
  Charge.Ending charge() {
    List<Ending.Hold> holds = new ArrayList<>();
    for (HoldReceipt.Hold hold : receipt.holds()) {
      long micros = Math.min(holdMicros, hold.mostMicros());
      holds.add(
          new Ending.Hold(
              hold.key(),
              limit(hold, micros),
              what == Ending.What.RELEASE ? 0 : amount(hold),
              micros,
              hold.number(),
              hold.expiresMicros()));
    }
    return new Charge.Ending(new Ending(what, receipt.name(), holds), waitNanos);
  }

  /** More of what is counted by its own holds is another question. */
  private long amount(HoldReceipt.Hold hold) {
    return hold.limit() instanceof ConcurrencyLimit ? 0 : hold.tariff().cost(cost, unitCosts);
  }

  private static Limit limit(HoldReceipt.Hold hold, long micros) {
    return hold.limit() instanceof ConcurrencyLimit concurrency && micros > 0
        ? new ConcurrencyLimit(concurrency.limit(), micros)
        : hold.limit();
  }

  /** What its caller is told if nothing was held. */
  HoldVerdict freeVerdict() {
    return new HoldVerdict(Ending.State.ENDED, what == Ending.What.EXTEND, List.of());
  }

  /** What its caller is told. */
  HoldVerdict verdict(Answer answer) {
    if (!(answer instanceof Answer.Ended ended)) {
      throw new IllegalStateException("holds were asked about, and the answer is " + answer);
    }
    List<Verdict.Status> statuses = new ArrayList<>();
    Ending.State state = Ending.State.UNKNOWN;
    for (int i = 0; i < receipt.holds().size(); i++) {
      HoldReceipt.Hold hold = receipt.holds().get(i);
      Ending.Ended one = ended.result().holds().get(i);
      state = stronger(state, one.state());
      add(
          statuses,
          new Verdict.Status(
              rule(hold),
              hold.role(),
              one.outcome(),
              hold.limit().windowMicros(ended.nowMicros()),
              Levels.Level.NONE,
              one.held(),
              Guess.NONE));
    }
    return new HoldVerdict(state, ended.result().extended(), statuses);
  }

  /** A rule that was held to two counters while a secret was changed has one status: of both. */
  private static void add(List<Verdict.Status> statuses, Verdict.Status next) {
    for (int i = 0; i < statuses.size(); i++) {
      Verdict.Status one = statuses.get(i);
      if (one.role() == next.role() && one.rule().name().equals(next.rule().name())) {
        statuses.set(i, one.stricter(next));
        return;
      }
    }
    statuses.add(next);
  }

  /**
   * Learns from a settlement of holds that it ended. What was ended before, expired or released
   * says nothing of what a request uses.
   */
  void teach(Answer answer, Estimates estimates) {
    if (what != Ending.What.SETTLE || !(answer instanceof Answer.Ended ended)) {
      return;
    }
    for (int i = 0; i < receipt.holds().size(); i++) {
      HoldReceipt.Hold hold = receipt.holds().get(i);
      Ending.Ended one = ended.result().holds().get(i);
      if (one.state() == Ending.State.ENDED) {
        estimates.learn(hold.key(), hold.guess(), one.ended(), amount(hold));
      }
    }
  }

  /** A question's holds end together, unless a counter was reset meanwhile or lost. */
  private static Ending.State stronger(Ending.State one, Ending.State other) {
    for (Ending.State state :
        List.of(Ending.State.ENDED, Ending.State.EXPIRED, Ending.State.ENDED_BEFORE)) {
      if (one == state || other == state) {
        return state;
      }
    }
    return Ending.State.UNKNOWN;
  }

  private static Rule rule(HoldReceipt.Hold hold) {
    return new Rule(
        hold.rule(),
        List.of(),
        hold.limit(),
        new Rule.Mode(hold.role(), Rule.Mode.ALL),
        hold.tariff(),
        Keying.PLAIN,
        new Rule.Sharing(FailureMode.LOCAL, /* lease= */ null, 0, /* learns= */ false));
  }
}
