package io.limiter.server.decide.outcome;

import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.ledger.Role;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Charge;

/**
 * A counter on which rules of a question meet; the strictest of them counts. Not safe to share
 * between threads.
 */
public final class MetCounter {
  private final int index;
  private final Role role;
  private final String key;
  private final boolean shared;
  private Rule rule;
  private long cost;

  /**
   * One that one rule asks.
   *
   * @param index of its entry in the question
   * @param shared whether it is charged the sum of what is asked, not the most of it
   */
  public MetCounter(int index, Role role, String key, Rule rule, long cost, boolean shared) {
    this.index = index;
    this.role = role;
    this.key = key;
    this.rule = rule;
    this.cost = cost;
    this.shared = shared;
  }

  /** The place of its entry in the question. */
  public int index() {
    return index;
  }

  /** What it is asked. */
  public long cost() {
    return cost;
  }

  /** Whether that is the sum of what is asked of it. */
  public boolean isShared() {
    return shared;
  }

  /**
   * Another rule asks it too.
   *
   * @param once whether both ask the same
   */
  public void meet(Rule other, long hits, boolean once) {
    cost = once ? Math.max(cost, hits) : cost + hits;
    if (other.limit().limit() < rule.limit().limit()) {
      rule = other;
    }
  }

  /**
   * What the counter is asked. What a concurrency limit admits is held, as for any caller: without
   * a hold it would never end by itself.
   *
   * @param noQuotaDenies whether quotas are charged as shadows are
   */
  public Charge.Entry entry(boolean noQuotaDenies) {
    return new Charge.Entry(
        role == Role.QUOTA && noQuotaDenies ? Role.SHADOW : role,
        key,
        rule.limit(),
        cost,
        rule.onFailure(),
        rule.sharing().lease(),
        /* learns= */ false,
        rule.limit() instanceof ConcurrencyLimit ? rule.holding() : null);
  }
}
