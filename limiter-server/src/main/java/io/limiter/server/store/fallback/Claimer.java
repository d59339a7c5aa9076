package io.limiter.server.store.fallback;

import io.limiter.server.store.Charge;
import io.limiter.server.store.Claim;
import io.limiter.server.store.DebtListener.Unsettled;
import io.limiter.server.store.DebtTarget;
import io.limiter.server.store.DebtTarget.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Finds out which questions with an idempotency key are to be charged, those that are admitted here
 * while Redis is away. When our answer is lost, the caller asks again, perhaps another instance,
 * and Redis charges the question through that. The question's record in Redis decides: whoever
 * writes it first charges. So it is claimed, 128 of a node at a time, before anything is owed. What
 * may have been claimed is claimed again under the same name.
 *
 * <p>To be run by one thread at a time; the rest may be called from any.
 */
final class Claimer {
  private static final int AT_ONCE = 128;
  private static final int LOOKS = 256;

  private final DebtTarget target;
  private final LongSupplier nanoTime;
  private final SettlerLog told;
  private final Claims claims;
  private final Owed owed;
  private final SettlerNodes nodes = new SettlerNodes();
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

  /** Sends what may be sent now. */
  void run() {
    long now = nanoTime.getAsLong();
    Map<Place, List<Claims.Question>> calls = new HashMap<>();
    Map<Object, Integer> taken = new HashMap<>();
    for (int i = Math.min(LOOKS, claims.size()); i > 0; i--) {
      Claims.Question question = claims.next(now);
      if (question == null) {
        break;
      }
      Place place = target.place(question.claim().question().key());
      if (place == null
          || taken.getOrDefault(place.node(), 0) == AT_ONCE
          || !nodes.mayBeSent(place.node(), now)) {
        claims.later(question);
      } else {
        taken.merge(place.node(), 1, Integer::sum);
        calls.computeIfAbsent(place, one -> new ArrayList<>()).add(question);
      }
    }
    calls.forEach(this::send);
    nodes.forgetIdle(now);
  }

  private void send(Place place, List<Claims.Question> all) {
    CompletionStage<Void> answered =
        target
            .claim(all.stream().map(Claims.Question::claim).toList())
            .thenAccept(
                fates -> {
                  for (int i = 0; i < all.size(); i++) {
                    landed(all.get(i), fates.get(i), place.node());
                  }
                });
    nodes.sent(place.node(), answered, nanoTime.getAsLong());
  }

  private void landed(Claims.Question question, Claim.Fate fate, Object node) {
    switch (fate) {
      case TAKEN -> question.owed().forEach(one -> owe(question, one));
      case CHARGED -> {}
      case UNKNOWN -> {
        nodes.refused(node, nanoTime.getAsLong());
        claims.later(question);
        return;
      }
      case UNREADABLE -> told.unsettled(Unsettled.UNREADABLE, question.cost());
    }
    claims.landed(question);
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

  /** How many questions wait for an answer about their record. */
  int size() {
    return claims.size();
  }

  /** Gives up those that are not sent. */
  long giveUp() {
    return claims.giveUp();
  }

  /** What was sent and is not answered. */
  List<CompletableFuture<?>> waiting() {
    return nodes.waiting();
  }
}
