package io.limiter.server.store.redis.cluster;

import io.limiter.algorithm.FixedWindow;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Decides alternatives whose counters lie in several slots: those of one slot that stand behind
 * each other in one step, and one step after the other until one is admitted.
 *
 * <p>Alternatives with idempotency keys are first looked for in all slots. So a repetition finds
 * what was charged, also if an earlier alternative has room by now. Two that are under way at once
 * may both find nothing.
 */
public final class InTurn {
  private static final FixedWindow NEVER = FixedWindow.per(1_000, 0);

  private final ToIntFunction<String> slot;
  private final Function<Charge, CompletionStage<Answer>> decide;

  /**
   * Alternatives in turn.
   *
   * @param slot tells the slot of a key
   * @param decide decides one of the alternatives, or several of one slot
   */
  public InTurn(ToIntFunction<String> slot, Function<Charge, CompletionStage<Answer>> decide) {
    this.slot = slot;
    this.decide = decide;
  }

  /** Decides alternatives. */
  public CompletionStage<Answer> decide(Charge.Any any) {
    List<List<Charge.Whole>> steps = steps(any.alternatives());
    return any.alternatives().get(0).idempotency() == null
        ? ask(steps, 0, 0, new ArrayList<>())
        : replayed(steps, 0, 0)
            .thenCompose(
                answer ->
                    answer == null
                        ? ask(steps, 0, 0, new ArrayList<>())
                        : CompletableFuture.completedStage(answer));
  }

  /** Alternatives that stand behind each other and are of one slot, each of them as a whole. */
  private List<List<Charge.Whole>> steps(List<Charge.Whole> alternatives) {
    List<List<Charge.Whole>> steps = new ArrayList<>();
    List<Integer> before = List.of();
    for (Charge.Whole one : alternatives) {
      List<Integer> slots =
          one.entries().stream().map(entry -> slot.applyAsInt(entry.key())).distinct().toList();
      if (slots.size() > 1 || !slots.equals(before)) {
        steps.add(new ArrayList<>());
      }
      steps.get(steps.size() - 1).add(one);
      before = slots;
    }
    return steps;
  }

  private CompletionStage<Answer> ask(
      List<List<Charge.Whole>> steps, int next, int from, List<Answer.Decided> told) {
    List<Charge.Whole> step = steps.get(next);
    return together(step)
        .thenCompose(
            answer -> {
              if (!(answer instanceof Answer.Any any)) {
                return CompletableFuture.completedStage(moved(answer, from));
              }
              if (any.from() > 0) {
                return CompletableFuture.completedStage(moved(any, from));
              }
              told.addAll(any.decided());
              return any.last().admitted() || next + 1 == steps.size()
                  ? CompletableFuture.completedStage(new Answer.Any(0, told))
                  : ask(steps, next + 1, from + step.size(), told);
            });
  }

  /** A lone one may ask several slots by itself. */
  private CompletionStage<Answer> together(List<Charge.Whole> step) {
    return step.size() > 1
        ? decide.apply(new Charge.Any(step))
        : decide
            .apply(step.get(0))
            .thenApply(
                answer ->
                    answer instanceof Answer.Decided decided
                        ? new Answer.Any(0, List.of(decided))
                        : answer);
  }

  /** The answer that is kept of an earlier question; null if there is none. */
  private CompletionStage<Answer> replayed(List<List<Charge.Whole>> steps, int next, int from) {
    if (next == steps.size()) {
      return CompletableFuture.completedStage(null);
    }
    List<Charge.Whole> step = steps.get(next);
    return together(step.stream().map(InTurn::denied).toList())
        .thenCompose(
            answer ->
                answer instanceof Answer.Any any && !any.last().admitted()
                    ? replayed(steps, next + 1, from + step.size())
                    : CompletableFuture.completedStage(moved(answer, from)));
  }

  /** The same question, denied unless it was answered before. */
  private static Charge.Whole denied(Charge.Whole asked) {
    List<Charge.Entry> entries =
        new ArrayList<>(
            asked.entries().stream()
                .map(
                    entry ->
                        new Charge.Entry(
                            entry.role(), entry.key(), entry.limit(), 0, entry.lease()))
                .toList());
    entries.add(
        new Charge.Entry(RecordKeys.never(asked.entries().get(0).key()), NEVER, /* cost= */ 1));
    return new Charge.Whole(entries, asked.wantReceipt(), asked.idempotency(), asked.waitNanos());
  }

  private static Answer moved(Answer answer, int by) {
    if (answer instanceof Answer.Any any) {
      return new Answer.Any(any.from() + by, any.decided());
    }
    return answer instanceof Answer.Conflict conflict
        ? new Answer.Conflict(conflict.place() + by)
        : answer;
  }
}
