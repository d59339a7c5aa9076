package io.limiter.server.program;

import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.CounterStore;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.Observation;
import io.limiter.server.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * The real counters, of which only those of the warm-up can be reached. It fails as Redis would
 * that does not answer: while it cannot be asked, and where a question wants it.
 */
final class WarmupStore extends ForwardingCounterStore {
  private final StoreException away = StoreException.timeout(Duration.ofSeconds(1), "the warm-up");
  private final BooleanSupplier ready;

  /**
   * Counters of a warm-up.
   *
   * @param ready whether they can be asked
   */
  WarmupStore(CounterStore counters, BooleanSupplier ready) {
    super(counters);
    this.ready = ready;
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    return ready.getAsBoolean()
            && charge.entries().stream()
                .allMatch(
                    entry -> isOwn(entry.key()) && !entry.key().contains(WarmupQuestions.AWAY))
        ? super.decide(charge)
        : CompletableFuture.failedStage(away);
  }

  @Override
  public CompletionStage<Boolean> refund(Receipt receipt) {
    return CompletableFuture.completedStage(false);
  }

  @Override
  public CompletionStage<Integer> observe(List<String> keys, Observation said) {
    return CompletableFuture.completedStage(0);
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    return super.reset(keys.stream().filter(WarmupStore::isOwn).toList());
  }

  private static boolean isOwn(String key) {
    return key.startsWith("limiter:{" + WarmupQuestions.DOMAIN);
  }

  @Override
  public String toString() {
    return "warm-up in front of " + super.toString();
  }
}
