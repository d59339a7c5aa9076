package io.limiter.server.store.redis;

import io.limiter.algorithm.Role;
import io.limiter.script.DecideArguments;
import io.limiter.server.key.CounterKeys;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Questions that are sent in one call of the script. They are answered as if they were asked one
 * after another in the order in which they came: equal ones about one counter become one, but never
 * past a question in between that asks something else of it. Not safe to share between threads.
 */
final class Batch {
  private final List<Asked> asked;

  /** What was asked last of each counter, if that may take equal questions in. */
  private final Map<String, Asked> latest = new HashMap<>();

  private int questions;

  Batch(int places) {
    asked = new ArrayList<>(places);
  }

  /** A batch of one place. */
  static Batch of(Asked one) {
    Batch batch = new Batch(1);
    batch.asked.add(one);
    batch.questions = one.times();
    return batch;
  }

  /** How many places of the call it takes. */
  int size() {
    return asked.size();
  }

  /** How many questions it answers. */
  int questions() {
    return questions;
  }

  void add(Waiting question) {
    questions++;
    if (!question.isPlain()) {
      question.charge().entries().forEach(entry -> latest.remove(entry.key()));
      asked.add(new Asked(question));
      return;
    }
    String key = question.charge().entries().get(0).key();
    Asked before = latest.get(key);
    if (before == null || !before.takes(question)) {
      Asked one = new Asked(question);
      latest.put(key, one);
      asked.add(one);
    }
  }

  List<Asked> asked() {
    return asked;
  }

  void fail(StoreException failure) {
    asked.forEach(one -> one.fail(failure));
  }

  /** Writes the whole call. */
  void writeTo(DecideArguments call) {
    for (int i = 0; i < asked.size(); i++) {
      write(asked.get(i), call);
    }
  }

  private static void write(Asked one, DecideArguments call) {
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
