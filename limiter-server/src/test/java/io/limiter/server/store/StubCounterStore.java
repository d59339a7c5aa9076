package io.limiter.server.store;

import io.limiter.server.key.Receipt;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Counters that answer what a test tells them. What they were not told of must not be asked. */
public class StubCounterStore implements CounterStore {

  /** Counters that answer every question alike. */
  public static CounterStore answering(CompletionStage<Answer> answer) {
    return new StubCounterStore() {
      @Override
      public CompletionStage<Answer> decide(Charge charge) {
        return answer;
      }
    };
  }

  /** Counters that fail whatever they are asked. */
  public static CounterStore failing(StoreException failure) {
    return new StubCounterStore() {
      @Override
      protected <T> CompletionStage<T> untold() {
        return CompletableFuture.failedStage(failure);
      }
    };
  }

  /** What is said to a question that no test has told the answer to. */
  protected <T> CompletionStage<T> untold() {
    throw new IllegalStateException("must not be asked");
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    return untold();
  }

  @Override
  public CompletionStage<Boolean> refund(Receipt receipt) {
    return untold();
  }

  @Override
  public CompletionStage<Integer> observe(List<String> keys, Observation said) {
    return untold();
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    return untold();
  }
}
