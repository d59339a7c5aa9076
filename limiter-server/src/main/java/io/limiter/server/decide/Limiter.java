package io.limiter.server.decide;

import io.limiter.server.rules.RuleTable;
import io.limiter.server.store.CounterStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The use case. */
public final class Limiter {
  public Limiter(Supplier<RuleTable> rules, CounterStore store, DecisionListener listener) {}

  public CompletionStage<Verdict> decide(Request request) {
    return CompletableFuture.completedFuture(new Verdict(true, List.of(), Source.NO_RULE, null));
  }
}
