package io.limiter.server.store.fallback;

import io.limiter.server.store.Charge;
import io.limiter.server.store.Claim;
import io.limiter.server.store.DebtListener.Unsettled;
import io.limiter.server.store.DebtTarget;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which questions with an idempotency key are to be charged, those that are admitted here
 * while Redis is away. When our answer is lost, the caller asks again, perhaps another instance,
 * and Redis charges the question through that. The question's record in Redis decides: whoever
 * writes it first charges. So it is claimed, 128 of a node at a time, before anything is owed. What
 * may have been claimed is claimed again under the same name.
 *
 * <p>To be run by one thread at a time; the rest may be called from any.
 */
final class Claimer extends Sender<Claims.Question, Claims.Question, Claim.Fate> {
  private static final int AT_ONCE = 128;

  private final DebtTarget target;
  private final LongSupplier nanoTime;
  private final SettlerLog told;
  private final Claims claims;
  private final Owed owed;
  private final String name = UUID.randomUUID() + ":";
  private final AtomicLong number = new AtomicLong();

  /** Hears what is to be charged. */
  interface Owed {
    void owe(Owing owing, long atNanos);
  }

  /**
   * Nothing to claim yet.
   *
   * @param most how many questions may wait
   */
  Claimer(DebtTarget target, LongSupplier nanoTime, SettlerLog told, int most, Owed owed) {
    super(target, nanoTime, AT_ONCE);
    this.target = target;
    this.nanoTime = nanoTime;
    this.told = told;
    this.claims = new Claims(most, told);
    this.owed = owed;
  }

  /**
   * Has a question charged unless it is already.
   *
   * @param counters the keys of all of its counters
   */
  void add(Charge.Idempotency question, List<String> counters, List<Owing> all, long atNanos) {
    if (target.hasOneRecord(counters)) {
      Claim claim = new Claim(question, name + number.incrementAndGet());
      claims.add(new Claims.Question(claim, all, atNanos));
    } else {
      all.forEach(one -> told.unsettled(Unsettled.IN_DOUBT, one.cost()));
    }
  }

  @Override
  int size() {
    return claims.size();
  }

  @Override
  Claims.@Nullable Question next(long nowNanos) {
    return claims.next(nowNanos);
  }

  @Override
  String key(Claims.Question question) {
    return question.claim().question().key();
  }

  @Override
  void later(Claims.Question question) {
    claims.later(question);
  }

  @Override
  Claims.Question take(Claims.Question question, long nowNanos) {
    return question;
  }

  @Override
  CompletionStage<List<Claim.Fate>> send(List<Claims.Question> all) {
    return target.claim(all.stream().map(Claims.Question::claim).toList());
  }

  @Override
  boolean landed(Claims.Question question, Claim.Fate fate) {
    switch (fate) {
      case TAKEN -> question.owed().forEach(one -> owe(question, one));
      case CHARGED -> {}
      case UNKNOWN -> {
        claims.later(question);
        return true;
      }
      case UNREADABLE -> told.unsettled(Unsettled.UNREADABLE, question.cost());
    }
    claims.landed(question);
    return false;
  }

  private void owe(Claims.Question question, Owing one) {
    if (claims.isVoid(question, one)) {
      told.unsettled(Unsettled.RESET, one.cost());
    } else {
      owed.owe(one, question.atNanos());
    }
  }

  /** What counters were owed before is void. */
  void forget(List<String> keys) {
    claims.forget(keys, nanoTime.getAsLong());
  }

  /** Gives up those that are not sent. */
  long giveUp() {
    return claims.giveUp();
  }
}
