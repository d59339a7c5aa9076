package io.limiter.server.store.redis.cluster;

import io.limiter.server.key.Receipt;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What Redis keeps of a question in several slots: of each part that was charged, or may have been,
 * a record, and under an idempotency key its answer. Safe to share between threads.
 */
public final class PartRecords {
  private final Charge charge;
  private final long high;
  private final long low;
  private final Set<Receipt> charged = new LinkedHashSet<>();

  /** The records of what was asked and not answered. */
  private final Set<Receipt> mayBeCharged = new LinkedHashSet<>();

  private final Set<String> answers = new LinkedHashSet<>();

  /**
   * What goes back.
   *
   * @param answers first: a repetition must not find one whose charge is gone
   * @param charges by their records
   */
  public record Kept(List<String> answers, List<Receipt> charges) {}

  /** Nothing yet. */
  public PartRecords(Charge charge, RandomGenerator random) {
    this.charge = charge;
    high = random.nextLong();
    low = random.nextLong();
  }

  /** A part is asked, and may be charged. Returns the name of its record. */
  public synchronized Receipt asking(Parts.Part part) {
    Receipt record = record(part);
    mayBeCharged.add(record);
    return record;
  }

  /** A part is asked under the question's idempotency key; null if it has none. */
  public synchronized Charge.@Nullable Idempotency answering(Parts.Part part) {
    Charge.Idempotency given = charge instanceof Charge.Whole whole ? whole.idempotency() : null;
    if (given == null) {
      return null;
    }
    String mine = answer(part, given);
    answers.add(mine);
    return new Charge.Idempotency(mine, given.fingerprint());
  }

  /**
   * A part answered.
   *
   * @param receipt of what it was charged; null for nothing
   */
  public synchronized void answered(Parts.Part part, @Nullable Receipt receipt) {
    mayBeCharged.remove(record(part));
    if (receipt != null) {
      charged.add(receipt);
    }
  }

  /** The receipt of the whole question; null for no charge. */
  public synchronized @Nullable Receipt receipt() {
    return Receipt.joined(List.copyOf(charged));
  }

  /** All that is kept, and from now on is not. */
  public synchronized Kept takeAll() {
    List<Receipt> charges = new ArrayList<>(charged);
    charges.addAll(mayBeCharged);
    Kept kept = new Kept(List.copyOf(answers), charges);
    answers.clear();
    charged.clear();
    mayBeCharged.clear();
    return kept;
  }

  /** The same of a part that was answered. */
  public synchronized Kept take(Parts.Part part) {
    Charge.Idempotency given = ((Charge.Whole) charge).idempotency();
    List<String> mine = given == null ? List.of() : List.of(answer(part, given));
    mine.forEach(answers::remove);
    Receipt record = record(part);
    return new Kept(mine, charged.remove(record) ? List.of(record) : List.of());
  }

  private Receipt record(Parts.Part part) {
    return Receipt.forCounter(key(part), high, low);
  }

  private String answer(Parts.Part part, Charge.Idempotency given) {
    return RecordKeys.idempotencyOfPart(key(part), given.key(), part.following());
  }

  private String key(Parts.Part part) {
    return charge.entries().get(part.places().get(0)).key();
  }
}
