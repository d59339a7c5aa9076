package io.limiter.server.store.redis;

import io.limiter.ledger.Role;
import io.limiter.script.DecideArguments;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Questions that are sent in one call of the script. The answers are those of asking one question
 * after another, in the order in which they came. Equal questions about one counter share an entry,
 * unless a question between them asks something else of it. Not safe to share between threads.
 */
final class Batch {
  private final List<BatchEntry> entries;

  /** The last entry of each counter, if it may take equal questions in. */
  private final Map<String, BatchEntry> latest = new HashMap<>();

  private int questions;

  /**
   * An empty batch.
   *
   * @param capacity how many entries to make room for, as a start
   */
  Batch(int capacity) {
    entries = new ArrayList<>(capacity);
  }

  /** A batch of one entry. */
  static Batch of(BatchEntry one) {
    Batch batch = new Batch(1);
    batch.entries.add(one);
    batch.questions = one.times();
    return batch;
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
    questions++;
    if (!question.isPlain()) {
      question.charge().entries().forEach(entry -> latest.remove(entry.key()));
      entries.add(new BatchEntry(question));
      return;
    }
    String key = question.charge().entries().get(0).key();
    BatchEntry before = latest.get(key);
    if (before == null || !before.takes(question)) {
      BatchEntry one = new BatchEntry(question);
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

  /** Writes the whole call. */
  void writeTo(DecideArguments call) {
    for (int i = 0; i < entries.size(); i++) {
      write(entries.get(i), call);
    }
  }

  private static void write(BatchEntry one, DecideArguments call) {
    if (one.isPlain()) {
      Charge.Entry entry = one.counter();
      call.plainQuestion(entry.key(), entry.limit(), entry.cost(), one.times());
      return;
    }
    Charge charge = one.charge();
    Charge.Idempotency idempotency =
        charge instanceof Charge.Whole whole ? whole.idempotency() : null;
    var receipt = one.first().receipt();
    call.question(
        roles(charge), charge instanceof Charge.Counting, idempotency != null, receipt != null);
    if (idempotency != null) {
      call.idempotency(idempotency.key(), idempotency.fingerprint(), shape(charge));
    }
    if (receipt != null) {
      call.receipt(CounterKeys.receipt(receipt));
    }
    charge.entries().forEach(entry -> call.counter(entry.key(), entry.limit(), entry.cost()));
  }

  /**
   * Differs when the rules that apply have changed: then the first answer's statuses fit no more.
   */
  private static String shape(Charge charge) {
    StringBuilder keys = new StringBuilder(DecideArguments.letters(roles(charge)));
    charge.entries().forEach(entry -> keys.append(' ').append(entry.key()));
    return CounterKeys.digest(keys.toString());
  }

  private static List<Role> roles(Charge charge) {
    return charge.entries().stream().map(Charge.Entry::role).toList();
  }
}
