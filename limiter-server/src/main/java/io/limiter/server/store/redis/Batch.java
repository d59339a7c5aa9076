package io.limiter.server.store.redis;

import io.limiter.algorithm.Limit;
import io.limiter.ledger.Ending;
import io.limiter.ledger.Holding;
import io.limiter.ledger.Role;
import io.limiter.script.DecideArguments;
import io.limiter.script.Letters;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.key.Slots;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Questions that are sent in one call of the script. The answers are those of asking one question
 * after another, in the order in which they came. Equal questions about one counter share an entry,
 * unless a question between them asks something else of it. Not safe to share between threads.
 */
final class Batch {
  private final List<BatchEntry> entries;

  /** The last entry of each counter, if it may take equal questions in. */
  private final Map<String, BatchEntry> latest = new HashMap<>();

  private final long nowNanos;
  private int questions;
  private boolean crossesSlots;

  /**
   * An empty batch.
   *
   * @param capacity how many entries to make room for, as a start
   * @param nowNanos when it is made, by {@link System#nanoTime}
   */
  Batch(int capacity, long nowNanos) {
    this.entries = new ArrayList<>(capacity);
    this.nowNanos = nowNanos;
  }

  /** A batch of one entry. */
  static Batch of(BatchEntry one, long nowNanos) {
    Batch batch = new Batch(1, nowNanos);
    batch.entries.add(one);
    batch.questions = one.times();
    return batch;
  }

  /**
   * The calls that it is sent in to a member of a Cluster. Declared keys of one call lie in one
   * slot.
   *
   * @param crossSlot whether a call may touch several slots without declaring its keys
   */
  List<Batch> parts(boolean crossSlot) {
    Batch together = new Batch(size(), nowNanos);
    Map<Integer, Batch> bySlot = new LinkedHashMap<>();
    List<Batch> all = new ArrayList<>();
    for (BatchEntry one : entries) {
      Batch part = together;
      if (one.first().isAlone()) {
        part = new Batch(1, nowNanos);
        all.add(part);
      } else if (!crossSlot || one.first().declaresKeys()) {
        part = bySlot.computeIfAbsent(slot(one), slot -> new Batch(1, nowNanos));
      }
      part.entries.add(one);
      part.questions += one.times();
    }
    all.addAll(bySlot.values());
    if (together.size() > 0) {
      int first = slot(together.entries.get(0));
      together.crossesSlots = together.entries.stream().anyMatch(one -> slot(one) != first);
      all.add(together);
    }
    return all;
  }

  private static int slot(BatchEntry one) {
    return Slots.of(one.charge().entries().get(0).key());
  }

  /** Whether its keys lie in several slots, so that none may be declared. */
  boolean crossesSlots() {
    return crossesSlots;
  }

  /** All questions, in the order of their entries. */
  List<PendingQuestion> all() {
    List<PendingQuestion> all = new ArrayList<>(questions);
    for (BatchEntry one : entries) {
      for (int i = 0; i < one.times(); i++) {
        all.add(one.question(i));
      }
    }
    return all;
  }

  /** How many entries it has. */
  int size() {
    return entries.size();
  }

  /** How many questions it answers. */
  int questions() {
    return questions;
  }

  void add(PendingQuestion question) {
    question.sending();
    questions++;
    if (!question.isPlain()) {
      question.charge().entries().forEach(entry -> latest.remove(entry.key()));
      entries.add(new BatchEntry(question, nowNanos));
      return;
    }
    String key = question.charge().entries().get(0).key();
    BatchEntry before = latest.get(key);
    if (before == null || !before.takes(question, nowNanos)) {
      BatchEntry one = new BatchEntry(question, nowNanos);
      latest.put(key, one);
      entries.add(one);
    }
  }

  List<BatchEntry> entries() {
    return entries;
  }

  void fail(StoreException failure) {
    entries.forEach(one -> one.fail(failure));
  }

  /**
   * Writes the whole call. Entries in a row that wait about equally long are void together, when
   * the first of them is: each would be of use for up to twice as long, and is then asked again.
   */
  void writeTo(DecideArguments call, RedisTime time) {
    int patience = -1;
    for (int i = 0; i < entries.size(); i++) {
      BatchEntry one = entries.get(i);
      if (one.patience() != patience) {
        patience = one.patience();
        long last = time.deadline(nowNanos, waitOfEqualsFrom(i));
        if (last != 0) {
          call.validUntil(last);
        }
      }
      write(one, call);
    }
  }

  /**
   * How long the first waits of the entries in a row, from the {@code from}th, as patient as it.
   */
  private long waitOfEqualsFrom(int from) {
    int patience = entries.get(from).patience();
    long shortest = Long.MAX_VALUE;
    for (int i = from; i < entries.size() && entries.get(i).patience() == patience; i++) {
      shortest = Math.min(shortest, entries.get(i).deadlineNanos() - nowNanos);
    }
    return shortest;
  }

  private static void write(BatchEntry one, DecideArguments call) {
    if (one.isPlain()) {
      Charge.Entry entry = one.counter();
      call.plainQuestion(entry.key(), entry.limit(), entry.cost(), one.times());
      return;
    }
    if (one.charge() instanceof Charge.Ending ending) {
      write(ending.asked(), call);
    } else if (one.charge() instanceof Charge.Any any) {
      call.alternatives(any.alternatives().size());
      any.alternatives().forEach(each -> write(one.first(), each, one.first().receipt(each), call));
    } else {
      write(one.first(), one.charge(), one.first().receipt(), call);
    }
  }

  private static void write(Ending ending, DecideArguments call) {
    call.ending(ending.what(), ending.name(), ending.holds().size());
    for (Ending.Hold hold : ending.holds()) {
      call.hold(
          hold.key(),
          RecordKeys.book(hold.key()),
          hold.limit(),
          hold.amount(),
          hold.micros(),
          hold.number(),
          hold.expiresMicros());
    }
  }

  private static void write(
      PendingQuestion question, Charge charge, @Nullable Receipt receipt, DecideArguments call) {
    Charge.Idempotency idempotency =
        charge instanceof Charge.Whole whole ? whole.idempotency() : null;
    call.question(
        roles(charge), charge instanceof Charge.Counting, idempotency != null, receipt != null);
    if (question.keepsReceiptBriefly()) {
      call.keepReceiptBriefly();
    }
    if (idempotency != null) {
      call.idempotency(idempotency.key(), idempotency.fingerprint(), shape(charge));
    }
    if (receipt != null) {
      call.receipt(RecordKeys.receipt(receipt));
    }
    List<Charge.Entry> entries = charge.entries();
    int holding = holding(entries);
    if (holding > 0) {
      call.holds(question.holdName(), holding);
    }
    entries.forEach(entry -> write(entry, call));
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).learns()) {
        call.learned(i, RecordKeys.learned(entries.get(i).key()));
      }
    }
    for (int i = 0; i < entries.size() && holding > 0; i++) {
      if (entries.get(i).holding() != null) {
        call.book(RecordKeys.book(entries.get(i).key()));
      }
    }
    for (Charge.Entry entry : entries) {
      if (entry.limit() instanceof Limit.Shared shared) {
        call.shared(
            RecordKeys.sharers(entry.key()), RecordKeys.sharer(entry.key(), shared.tenant()));
      }
    }
  }

  private static int holding(List<Charge.Entry> entries) {
    int holding = 0;
    for (int i = 0; i < entries.size(); i++) {
      holding += entries.get(i).holding() == null ? 0 : 1;
    }
    return holding;
  }

  private static void write(Charge.Entry entry, DecideArguments call) {
    Holding holding = entry.holding();
    if (holding == null) {
      call.counter(entry.key(), entry.limit(), entry.cost());
    } else {
      call.counter(
          entry.key(), entry.limit(), entry.cost(), holding.micros(), holding.chargedWhenExpired());
    }
  }

  /**
   * Differs when the rules that apply have changed: then the first answer's statuses fit no more.
   */
  private static String shape(Charge charge) {
    StringBuilder keys = new StringBuilder(Letters.of(roles(charge)));
    charge.entries().forEach(entry -> keys.append(' ').append(entry.key()));
    return CounterKeys.digest(keys.toString());
  }

  private static List<Role> roles(Charge charge) {
    return charge.entries().stream().map(Charge.Entry::role).toList();
  }
}
