package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Charged;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Window;
import io.limiter.ledger.Ledger;
import io.limiter.ledger.Role;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Batches of whole questions, with counters of all roles and algorithms, charges, looks and
 * credits, denials that are counted, receipts and idempotency keys, against the same in plain Java.
 * {@code -Dlimiter.test.steps} and {@code -Dlimiter.test.seed} as for {@link TraceIT}; a batch
 * counts as ten steps.
 */
class BatchTraceIT {
  /**
   * Enforced more often than the rest; what may not be first stands behind whatever comes before.
   */
  private static final List<Role> ROLES =
      List.of(
          Role.ENFORCED,
          Role.ENFORCED,
          Role.ENFORCED,
          Role.QUOTA,
          Role.QUOTA,
          Role.SHADOW,
          Role.SHADOW,
          Role.CANDIDATE,
          Role.JOINED,
          Role.JOINED);

  private static final int BATCHES = TraceIT.number("limiter.test.steps", 100_000) / 10;
  private static final int SEED = TraceIT.number("limiter.test.seed", 20_260_101);
  private static final int KEYS = 15;
  private static final List<Algorithm> ALL = List.of(Algorithm.values());
  private static final Algorithm[] FORMS =
      IntStream.range(0, KEYS).mapToObj(BatchTraceIT::algorithm).toArray(Algorithm[]::new);

  private final Random random = new Random(SEED);
  private final RandomLimits limits = new RandomLimits(random);
  private final TwinCounters twin = new TwinCounters();
  private final List<String> keys = new ArrayList<>();
  private final List<Limit> rules = new ArrayList<>();
  private final List<Receipted> receipts = new ArrayList<>();
  private long now = 1_700_000_000_000_000L;

  private record Receipted(String key, Map<String, Charged> charged) {}

  /** An admitted question under an idempotency key, and what must be said to it reply. */
  private record Expected(
      TwinCounters.Question question,
      Ledger.Decision answer,
      boolean receipt,
      boolean replayed,
      boolean plain) {}

  @Test
  void batches_equalTheirTwin() {
    for (int i = 0; i < KEYS; i++) {
      keys.add("batch:" + i);
      rules.add(i < ALL.size() ? limit(i) : rules.get(i - ALL.size()));
    }
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      for (int batch = 0; batch < BATCHES; batch++) {
        move(script);
        runBatch(script, "seed %d batch %d".formatted(SEED, batch));
        if (!receipts.isEmpty() && random.nextInt(4) == 0) {
          refund(script, "seed %d refund after batch %d".formatted(SEED, batch));
        }
      }
    }
  }

  /** Any but a calendar's: those are asked twice when time runs back, which {@link Trace} shows. */
  private Limit limit(int key) {
    Limit limit = limits.next(algorithm(key));
    return limit instanceof FixedWindow fixed && fixed.window() instanceof Window.Calendar
        ? limit(key)
        : limit;
  }

  private static Algorithm algorithm(int key) {
    return ALL.get(key % ALL.size());
  }

  private void move(ScriptUnderTest script) {
    int index = random.nextInt(KEYS);
    long window = rules.get(index).windowMicros(now);
    now =
        switch (random.nextInt(6)) {
          case 0, 1 -> now;
          case 2, 3 -> now + limits.upTo(Math.max(1, window / 4));
          case 4 -> now + limits.upTo(10_000_000);
          default -> now - limits.upTo(Math.max(1, window / 8));
        };
    if (random.nextInt(20) == 0) {
      Limit limit = limit(index);
      for (int like = index % ALL.size(); like < KEYS; like += ALL.size()) {
        script.delete(keys.get(like));
        twin.forget(keys.get(like));
        rules.set(like, limit);
      }
    }
    if (now > 3_000_000_000_000_000L) {
      now = 1_700_000_000_000_000L;
      keys.forEach(script::delete);
      keys.forEach(twin::forget);
      receipts.clear();
    }
  }

  private void runBatch(ScriptUnderTest script, String label) {
    DecideArguments call = new DecideArguments(now);
    List<Expected> expected = new ArrayList<>();
    List<String> watched = new ArrayList<>(keys);
    int size = 1 + random.nextInt(6);
    for (int i = 0; i < size; i++) {
      if (random.nextInt(4) == 0) {
        run(call, expected);
      }
      TwinCounters.Question question = question();
      boolean receipt = random.nextInt(4) == 0 && !question.counting();
      boolean idempotent = random.nextInt(4) == 0 && !question.counting();
      Ledger.Decision answer = twin.decide(question, now);
      String receiptKey =
          "receipt:%04x%016x%016x"
              .formatted(random.nextInt(1 << 14), random.nextLong(), random.nextLong());
      String idempotencyKey = "idempotency:" + random.nextLong();
      boolean plain = isPlain(question) && !receipt && !idempotent;
      if (plain) {
        TwinCounters.Ask only = question.asks().get(0);
        call.plainQuestion(only.key(), only.limit(), only.cost(), 1);
      } else {
        write(call, question, receipt ? receiptKey : "", idempotent ? idempotencyKey : "");
      }
      expected.add(new Expected(question, answer, receipt, false, plain));
      if (idempotent && answer.admitted()) {
        write(call, question, receipt ? receiptKey : "", idempotencyKey);
        expected.add(new Expected(question, answer, receipt, true, false));
      }
      watched.add(receiptKey);
      if (receipt && answer.admitted() && !answer.charged().isEmpty()) {
        receipts.add(new Receipted(receiptKey, answer.charged()));
      }
    }
    ScriptUnderTest.Ran ran = script.decide(call, now, watched, FORMS);
    script.flush();
    Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
    assertEquals(now, reply.nextNumber(), label);
    expected.forEach(one -> compare(reply, one, label));
    assertTrue(reply.isRead(), label);
    compareStates(ran, label);
  }

  /** Plain questions of one limit and cost one after another, which the script answers as a run. */
  private void run(DecideArguments call, List<Expected> expected) {
    int algorithm = random.nextInt(ALL.size());
    long cost = limits.upTo(Math.max(1, rules.get(algorithm).limit() / 2));
    for (int i = 0; i < 4; i++) {
      int key = algorithm + ALL.size() * random.nextInt(KEYS / ALL.size());
      TwinCounters.Ask ask =
          new TwinCounters.Ask(Role.ENFORCED, keys.get(key), rules.get(key), cost);
      TwinCounters.Question question = new TwinCounters.Question(List.of(ask), false);
      call.plainQuestion(ask.key(), ask.limit(), cost, 1);
      expected.add(new Expected(question, twin.decide(question, now), false, false, true));
    }
  }

  private TwinCounters.Question question() {
    List<Integer> counters = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      counters.add(i);
    }
    Collections.shuffle(counters, random);
    boolean counting = random.nextInt(5) == 0;
    List<TwinCounters.Ask> asks = new ArrayList<>();
    int size = 1 + random.nextInt(6);
    for (int i = 0; i < size; i++) {
      Role role = ROLES.get(random.nextInt(ROLES.size()));
      boolean first = asks.isEmpty() && (role == Role.CANDIDATE || role == Role.JOINED);
      asks.add(ask(first ? Role.ENFORCED : role, counters.get(i)));
    }
    if (!counting) {
      return new TwinCounters.Question(asks, false);
    }
    asks.removeIf(ask -> !(ask.limit() instanceof FixedWindow));
    asks.addAll(List.copyOf(asks));
    asks.add(ask(Role.ENFORCED, 0));
    return new TwinCounters.Question(asks, true);
  }

  private TwinCounters.Ask ask(Role role, int index) {
    Limit limit = rules.get(index);
    long cost =
        switch (random.nextInt(7)) {
          case 0 -> 0;
          case 1 -> Math.max(1, limit.limit() / 4);
          case 2 -> random.nextInt(10) == 0 ? limit.limit() + 1 : limits.upTo(limit.limit());
          case 3 -> random.nextBoolean() ? -1 : -limits.upTo(Math.max(1, limit.limit()));
          default -> 1;
        };
    return new TwinCounters.Ask(role, keys.get(index), limit, cost);
  }

  private static boolean isPlain(TwinCounters.Question question) {
    return question.roles().equals(List.of(Role.ENFORCED))
        && !question.counting()
        && question.asks().get(0).cost() >= 0;
  }

  private static void write(
      DecideArguments call,
      TwinCounters.Question question,
      String receiptKey,
      String idempotencyKey) {
    call.question(
        question.roles(), question.counting(), !idempotencyKey.isEmpty(), !receiptKey.isEmpty());
    if (!idempotencyKey.isEmpty()) {
      call.idempotency(idempotencyKey, "asked", "shape");
    }
    if (!receiptKey.isEmpty()) {
      call.receipt(receiptKey);
    }
    question.asks().forEach(ask -> call.counter(ask.key(), ask.limit(), ask.cost()));
  }

  private void compare(Reply reply, Expected expected, String label) {
    if (expected.plain) {
      TwinCounters.Ask only = expected.question.asks().get(0);
      assertTrue(reply.hasRun(), label);
      Outcome said = reply.nextRun(only.limit(), only.cost(), 1).outcome(0);
      assertEquals(expected.answer.outcomes().get(0), said, () -> label + ": " + expected);
      return;
    }
    Reply.Code code = reply.nextCode();
    boolean kept =
        expected.receipt && expected.answer.admitted() && !expected.answer.charged().isEmpty();
    if (expected.replayed) {
      assertEquals(Reply.Code.REPLAYED, code, label);
      assertEquals(now, reply.nextNumber(), label);
      assertEquals(kept ? 36 : 0, reply.nextText().length(), label);
      assertEquals(4L * expected.answer.outcomes().size(), reply.nextNumber(), label);
    } else {
      Reply.Code decided = expected.answer.admitted() ? Reply.Code.ADMITTED : Reply.Code.DENIED;
      assertEquals(decided, code, () -> label + ": " + expected);
    }
    expected
        .answer
        .outcomes()
        .forEach(
            outcome -> assertEquals(outcome, reply.nextOutcome(), () -> label + ": " + expected));
    if (expected.receipt && !expected.replayed) {
      assertEquals(kept ? 1 : 0, reply.nextNumber(), label);
    }
  }

  private void compareStates(ScriptUnderTest.Ran ran, String label) {
    for (int i = 0; i < KEYS; i++) {
      int index = i;
      assertEquals(
          StoredForm.of(twin.state(keys.get(i))),
          ScriptUnderTest.hex(ScriptUnderTest.now(ran.stored().get(i))),
          () -> label + ": " + keys.get(index) + " under " + rules.get(index));
    }
  }

  private void refund(ScriptUnderTest script, String label) {
    Receipted receipt = receipts.remove(random.nextInt(receipts.size()));
    boolean given = twin.refund(receipt.charged(), now);
    List<String> charged = script.charged(receipt.key());
    assertEquals(receipt.charged().keySet(), Set.copyOf(charged), label);
    ScriptUnderTest.Ran ran = script.refund(receipt.key(), charged, now, keys, FORMS);
    script.flush();
    assertEquals(given ? 1 : 0, ScriptUnderTest.number(ran.reply()), label);
    compareStates(ran, label);
  }
}
