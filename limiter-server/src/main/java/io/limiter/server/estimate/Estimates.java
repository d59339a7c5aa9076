package io.limiter.server.estimate;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import io.limiter.algorithm.Bounds;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Recent;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What share of their guesses callers use, for each counter of a rule that estimates, and for all
 * counters of the rule together. It is learned from the settlements that this instance answers, and
 * forgotten with it: it changes what is asked of counters, never what they count.
 *
 * <p>Bounded: at most {@value #MOST_KEYS} counters and {@value #MOST_RULES} rules are known, those
 * that were used last. Each takes some 280 bytes, all of them at most 5 MiB. Safe to use from any
 * thread.
 */
public final class Estimates {
  /** How many settlements are known before a guess is corrected. */
  public static final int LEAST = 20;

  static final int MOST_KEYS = 1 << 14;
  static final int MOST_RULES = 1 << 10;

  /** Texts of any length have short names, and nobody can choose two of one name. */
  private final HashFunction names;

  private final Recent<Long, RatioSketch> byKey = new Recent<>(MOST_KEYS);
  private final Recent<Long, RatioSketch> byRule = new Recent<>(MOST_RULES);

  /** Nothing is known yet. */
  public Estimates() {
    SecureRandom random = new SecureRandom();
    names = Hashing.sipHash24(random.nextLong(), random.nextLong());
  }

  /**
   * What is held in place of what a request that holds says of each rule; empty if none of them
   * estimates. A cost of 0 stays 0.
   *
   * @param keys of the rules' counters, in their order
   * @param cost what a rule would be charged, in parts of its unit; 0 to 2^52
   */
  public List<Guess> guesses(
      List<Rule> rules, Supplier<List<String>> keys, ToLongFunction<Rule> cost) {
    if (rules.stream().noneMatch(Rule::estimates)) {
      return List.of();
    }
    List<String> counters = keys.get();
    List<Guess> guesses = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      long guessed = rule.estimates() ? cost.applyAsLong(rule) : 0;
      guesses.add(guessed > 0 ? guess(rule, counters.get(i), guessed) : Guess.NONE);
    }
    return guesses;
  }

  /**
   * What is held in place of a guess: never more than it, and never less than 1 whole unit unless
   * the guess is less.
   *
   * @param rule which estimates
   * @param key of the rule's counter
   * @param cost the guess, in parts of the unit; 1 to 2^52
   */
  Guess guess(Rule rule, String key, long cost) {
    double share = factor(rule, key).share();
    long held = Math.max(rule.tariff().scale(), (long) Math.ceil(cost * share));
    return new Guess(cost, Math.min(cost, held));
  }

  /**
   * What share of a guess is held now.
   *
   * @param rule which estimates
   * @param key of the rule's counter
   */
  public synchronized Factor factor(Rule rule, String key) {
    RatioSketch own = byKey.get(name(key));
    boolean ofKey = own != null && own.total() >= LEAST;
    RatioSketch known = ofKey ? own : byRule.get(name(CounterKeys.rule(key)));
    return known == null || known.total() < LEAST
        ? Factor.WHOLE
        : new Factor(known.quantile(rule.sharing().estimate()), known.total(), ofKey);
  }

  /**
   * Learns from a settlement that ended a hold. What the caller says is bounded here: a guess that
   * nobody can have made teaches nothing.
   *
   * @param key of the counter
   * @param guess of the question that took the hold
   * @param ended what was held in the end: what the hold grew by counts as guessed
   * @param used by which it was settled
   */
  public void learn(String key, Guess guess, long ended, long used) {
    if (guess.guessed() < 1 || guess.guessed() > Bounds.MAX_COUNT || used < 0) {
      return;
    }
    long grown = Math.max(0, ended - Math.max(0, guess.held()));
    double share = (double) used / (guess.guessed() + grown);
    synchronized (this) {
      byKey.computeIfAbsent(name(key), unknown -> new RatioSketch()).add(share);
      byRule.computeIfAbsent(name(CounterKeys.rule(key)), unknown -> new RatioSketch()).add(share);
    }
  }

  /** How many counters something is known of. */
  public synchronized int counters() {
    return byKey.size();
  }

  private Long name(String text) {
    return names.hashString(text, StandardCharsets.UTF_8).asLong();
  }
}
