package io.limiter.server.store;

import io.limiter.server.key.Receipt;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Counters in front of others. Has the store behind it answer everything; subclasses answer some of
 * it themselves, and say in {@code toString} what they add.
 */
public abstract class ForwardingCounterStore implements CounterStore {
  private final CounterStore delegate;

  /** Counters in front of {@code delegate}. */
  protected ForwardingCounterStore(CounterStore delegate) {
    this.delegate = delegate;
  }

  /** The store behind this one. */
  protected final CounterStore delegate() {
    return delegate;
  }

  @Override
  public CompletionStage<Answer> decide(Charge charge) {
    return delegate.decide(charge);
  }

  @Override
  public CompletionStage<Boolean> refund(Receipt receipt) {
    return delegate.refund(receipt);
  }

  @Override
  public CompletionStage<Integer> observe(List<String> keys, Observation said) {
    return delegate.observe(keys, said);
  }

  @Override
  public CompletionStage<Integer> reset(List<String> keys) {
    return delegate.reset(keys);
  }

  @Override
  public String toString() {
    return delegate.toString();
  }
}
