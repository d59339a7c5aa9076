package io.limiter.server.store.redis.cluster;

import io.limiter.ledger.Ending;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Ends holds of counters that lie in several slots, slot by slot.
 *
 * <p>Whatever is ended in one slot says nothing of the others, so all are asked at once. Those that
 * are renewed are asked one after the other until one refuses. What was renewed by then stays so:
 * it holds more than is needed, until it is settled.
 */
public final class EndingsApart {
  private final ToIntFunction<String> slot;
  private final Function<Charge, CompletionStage<Answer>> decide;

  /**
   * Ends holds apart.
   *
   * @param slot tells the slot of a key
   * @param decide ends those of one slot
   */
  public EndingsApart(
      ToIntFunction<String> slot, Function<Charge, CompletionStage<Answer>> decide) {
    this.slot = slot;
    this.decide = decide;
  }

  /** Ends holds, or renews them. */
  public CompletionStage<Answer> decide(Charge.Ending ending) {
    Map<Integer, List<Integer>> bySlot = new TreeMap<>();
    for (int i = 0; i < ending.asked().holds().size(); i++) {
      bySlot
          .computeIfAbsent(
              slot.applyAsInt(ending.asked().holds().get(i).key()), place -> new ArrayList<>())
          .add(i);
    }
    Ending.Ended[] told = new Ending.Ended[ending.asked().holds().size()];
    boolean renews = ending.asked().what() == Ending.What.EXTEND;
    CompletionStage<Answer.Ended> all =
        CompletableFuture.completedStage(new Answer.Ended(new Ending.Result(renews, List.of()), 0));
    for (List<Integer> places : bySlot.values()) {
      if (renews) {
        all = all.thenCompose(before -> ask(ending, places, told, before));
      } else {
        CompletionStage<Answer.Ended> mine =
            ask(ending, places, told, new Answer.Ended(new Ending.Result(false, List.of()), 0));
        all = all.thenCombine(mine, EndingsApart::both);
      }
    }
    return all.thenApply(
        last ->
            new Answer.Ended(
                new Ending.Result(last.result().extended(), Arrays.asList(told)),
                last.nowMicros()));
  }

  private static Answer.Ended both(Answer.Ended one, Answer.Ended other) {
    return new Answer.Ended(
        new Ending.Result(/* extended= */ false, List.of()),
        Math.max(one.nowMicros(), other.nowMicros()));
  }

  /** Asks one slot, and notes what it told. After a refusal others are only looked at. */
  private CompletionStage<Answer.Ended> ask(
      Charge.Ending ending, List<Integer> places, Ending.Ended[] told, Answer.Ended before) {
    boolean refused = ending.asked().what() == Ending.What.EXTEND && !before.result().extended();
    List<Ending.Hold> holds = new ArrayList<>();
    places.forEach(place -> holds.add(ending.asked().holds().get(place)));
    Charge.Ending asked =
        new Charge.Ending(
            new Ending(ending.asked().what(), refused ? "" : ending.asked().name(), holds),
            ending.waitNanos());
    return decide
        .apply(asked)
        .thenApply(
            answer -> {
              Answer.Ended ended = (Answer.Ended) answer;
              for (int i = 0; i < places.size(); i++) {
                told[places.get(i)] = ended.result().holds().get(i);
              }
              return new Answer.Ended(
                  new Ending.Result(ended.result().extended() && !refused, List.of()),
                  Math.max(before.nowMicros(), ended.nowMicros()));
            });
  }
}
