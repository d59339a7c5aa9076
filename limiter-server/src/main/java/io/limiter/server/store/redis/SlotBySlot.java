package io.limiter.server.store.redis;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.script.Scripts;
import io.limiter.server.fair.Caller;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Source;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.cluster.HeldParts;
import io.limiter.server.store.redis.cluster.PartRecords;
import io.limiter.server.store.redis.cluster.Parts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides questions whose counters lie in several slots of a Cluster, where no script may touch
 * them together.
 *
 * <p>The slots that may deny are charged one after the other, in the order of their numbers. If one
 * denies, what the others were charged goes back by receipts, at once and before the caller hears
 * of it; then all others are looked at, for their statuses. So a counter never admits beyond its
 * limit, and a denial leaves no charge behind. Nor does a failure: then a slot whose answer did not
 * come is given back too, as far as it was charged. Meanwhile others may be denied for a charge
 * that goes back. If this process dies in between, one question's charge stays.
 *
 * <p>What cannot deny comes last: shadows in other slots, and what is given back. Quotas in several
 * slots are charged like shadows, and deny together.
 */
final class SlotBySlot {
  private static final FixedWindow NEVER = FixedWindow.per(1_000, 0);

  private final Topology topology;
  private final Function<Receipt, CompletionStage<Boolean>> refund;
  private final Function<Charge, CompletionStage<Answer>> end;
  private final RandomGenerator random;
  private final Supplier<? extends @Nullable Executor> replyExecutor;
  private final Supplier<Caller> caller;

  SlotBySlot(
      Topology topology,
      Function<Receipt, CompletionStage<Boolean>> refund,
      Function<Charge, CompletionStage<Answer>> end,
      RandomGenerator random,
      Supplier<? extends @Nullable Executor> replyExecutor,
      Supplier<Caller> caller) {
    this.topology = topology;
    this.refund = refund;
    this.end = end;
    this.random = random;
    this.replyExecutor = replyExecutor;
    this.caller = caller;
  }

  CompletionStage<Answer> decide(Charge charge) {
    RedisNode first;
    try {
      first = topology.node(charge.entries().get(0).key());
    } catch (StoreException nobody) {
      return CompletableFuture.failedStage(nobody);
    }
    long deadline = first.deadline(charge.waitNanos());
    long wait = deadline - System.nanoTime();
    return new Question(charge, deadline)
        .decide()
        .toCompletableFuture()
        .orTimeout(wait, TimeUnit.NANOSECONDS)
        .exceptionallyCompose(
            failure ->
                CompletableFuture.failedStage(
                    failure instanceof TimeoutException
                        ? StoreException.unanswered(Duration.ofNanos(wait), topology.address())
                        : failure));
  }

  private enum Ask {
    /** It is charged as it asks. */
    CHARGE,
    /** The same, but what is joined and of which one denies is looked at. */
    CHARGE_UNTORN,
    /** Nothing is charged: a counter that never admits denies the whole part. */
    LOOK
  }

  /** One question on its way. Each step begins when the one before it is over. */
  private final class Question {
    private final Charge charge;
    private final long deadline;
    private final @Nullable Executor executor = replyExecutor.get();
    private final Caller whose = caller.get();
    private final HeldParts held;
    private final Parts parts;
    private final PartRecords records;
    private final @Nullable Outcome[] outcomes;
    private boolean fits = true;
    private boolean replayed = true;
    private long nowMicros;

    Question(Charge charge, long deadline) {
      this.charge = charge;
      this.deadline = deadline;
      outcomes = new Outcome[charge.entries().size()];
      parts = Parts.of(charge, topology::place);
      held = new HeldParts(charge, RecordKeys.holdName(random));
      records = new PartRecords(charge, random);
    }

    CompletionStage<Answer> decide() {
      return charge instanceof Charge.Whole ? whole(0) : counting();
    }

    private CompletionStage<Answer> counting() {
      List<Parts.Part> all = new ArrayList<>(parts.deciding());
      all.addAll(parts.following());
      return each(all, part -> ask(part, Ask.CHARGE))
          .thenApply(denied -> answer(!denied && !parts.lacksQuota(outcomes)));
    }

    private CompletionStage<Answer> whole(int next) {
      if (next == parts.deciding().size()) {
        return parts.lacksQuota(outcomes) ? deny(-1) : follow();
      }
      Parts.Part part = parts.deciding().get(next);
      return ask(part, Ask.CHARGE)
          .handle(
              (answer, failure) -> {
                if (answer instanceof Answer.Decided decided) {
                  note(part, decided);
                  return decided.admitted() ? whole(next + 1) : deny(next);
                }
                return giveBack()
                    .<Answer>thenCompose(
                        over ->
                            failure == null
                                ? CompletableFuture.completedStage(new Answer.Conflict())
                                : CompletableFuture.failedStage(failure));
              })
          .thenCompose(Function.identity());
    }

    private CompletionStage<Answer> follow() {
      return each(parts.following(), part -> ask(part, Ask.CHARGE))
          .thenCompose(denied -> mend())
          .handle(
              (denied, failure) -> {
                if (failure != null) {
                  return giveBack()
                      .<Answer>thenCompose(over -> CompletableFuture.failedStage(failure));
                }
                return denied ? deny(-1) : CompletableFuture.completedStage(answer(true));
              })
          .thenCompose(Function.identity());
    }

    /**
     * What is joined was charged without the other, where one of the two denies: their parts are
     * charged again without them. Says whether one of these denies by now.
     */
    private CompletionStage<Boolean> mend() {
      List<Parts.Part> torn = replayed ? List.of() : parts.torn(outcomes);
      List<CompletableFuture<?>> back = new ArrayList<>();
      torn.forEach(
          part -> back.add(giveBack(records.take(part), held.release(part)).toCompletableFuture()));
      return CompletableFuture.allOf(back.toArray(CompletableFuture<?>[]::new))
          .thenCompose(over -> each(torn, part -> ask(part, Ask.CHARGE_UNTORN)));
    }

    /** Whatever was charged goes back, and every other part says how it stands then. */
    private CompletionStage<Answer> deny(int denier) {
      List<Parts.Part> others = new ArrayList<>(parts.following());
      for (int i = 0; i < parts.deciding().size(); i++) {
        if (i != denier) {
          others.add(parts.deciding().get(i));
        }
      }
      return giveBack()
          .thenCompose(over -> each(others, part -> ask(part, Ask.LOOK)))
          .thenApply(denied -> answer(false));
    }

    /** Asks parts side by side. Says whether any of them denies. */
    private CompletionStage<Boolean> each(
        List<Parts.Part> parts, Function<Parts.Part, CompletionStage<Answer>> ask) {
      CompletionStage<Boolean> denied = CompletableFuture.completedStage(false);
      for (Parts.Part part : parts) {
        denied =
            denied.thenCombine(
                ask.apply(part),
                (before, answer) -> {
                  if (!(answer instanceof Answer.Decided decided)) {
                    return before;
                  }
                  note(part, decided);
                  return before || !decided.admitted();
                });
      }
      return denied;
    }

    private synchronized void note(Parts.Part part, Answer.Decided decided) {
      nowMicros = Math.max(nowMicros, decided.nowMicros());
      replayed &= decided.replayed();
      fits &= !decided.outcomes().isEmpty();
      for (int i = 0; i < part.places().size() && !decided.outcomes().isEmpty(); i++) {
        outcomes[part.places().get(i)] = decided.outcomes().get(i);
      }
      held.note(part, decided);
      records.answered(part, decided.receipt());
    }

    /** Asks the counters of a part. */
    private CompletionStage<Answer> ask(Parts.Part part, Ask how) {
      List<Charge.Entry> entries =
          new ArrayList<>(
              how == Ask.CHARGE_UNTORN ? parts.untorn(part, outcomes) : parts.asked(part));
      boolean look = how == Ask.LOOK;
      String key = entries.get(0).key();
      long wait = deadline - System.nanoTime();
      Charge asked;
      if (look) {
        entries.add(new Charge.Entry(RecordKeys.never(key), NEVER, 1));
        asked = new Charge.Whole(entries, wait);
      } else if (charge instanceof Charge.Whole) {
        asked = new Charge.Whole(entries, true, records.answering(part), wait);
      } else {
        asked = new Charge.Counting(entries, wait);
      }
      Receipt record = !look && asked instanceof Charge.Whole ? records.asking(part) : null;
      PendingQuestion question = new PendingQuestion(asked, record, deadline, executor, whose);
      question.name(held.name());
      if (record != null) {
        if (!((Charge.Whole) charge).wantReceipt()) {
          question.keepReceiptBriefly();
        }
      }
      try {
        topology.node(key).decide(question);
      } catch (StoreException nobody) {
        return CompletableFuture.failedStage(nobody);
      }
      return question;
    }

    private CompletionStage<Void> giveBack() {
      return giveBack(records.takeAll(), held.release());
    }

    /** Also when it is asked for again. What fails to go back is lost: nobody sends it twice. */
    private CompletionStage<Void> giveBack(PartRecords.Kept kept, Optional<Charge.Ending> holds) {
      List<CompletableFuture<?>> all = new ArrayList<>();
      kept.answers()
          .forEach(
              key ->
                  all.add(
                      topology
                          .call(Scripts.STANDARD.reset(), List.of(key), List.of())
                          .toCompletableFuture()));
      holds.ifPresent(one -> all.add(end.apply(one).toCompletableFuture()));
      kept.charges().forEach(receipt -> all.add(refund.apply(receipt).toCompletableFuture()));
      return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
          .exceptionally(lost -> null);
    }

    private Answer answer(boolean admitted) {
      List<Outcome> said = new ArrayList<>();
      for (Outcome outcome : outcomes) {
        if (outcome != null) {
          said.add(outcome);
        }
      }
      boolean whole = fits && said.size() == outcomes.length;
      return new Answer.Decided(
          admitted,
          whole ? said : List.of(),
          nowMicros,
          admitted && ((Charge.Whole) charge).wantReceipt() ? records.receipt() : null,
          replayed && admitted,
          Source.REDIS,
          held.name(admitted),
          whole ? held.told() : List.of());
    }
  }
}
