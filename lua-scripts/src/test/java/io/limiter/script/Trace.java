package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.Step;
import io.limiter.algorithm.Window;
import io.limiter.ledger.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * One counter through a random life, in Redis and in its twin: time stands, jumps and runs back;
 * costs of every size; credits, refunds, resets, changed rules and expiry between; fixed windows
 * that count what they deny.
 */
final class Trace {
  private static final int PIPELINED = 400;
  private static final long LATEST = 4_000_000_000_000_000L;

  private final Algorithm algorithm;
  private final long seed;
  private final Random random;
  private final RandomLimits limits;
  private final String key;
  private final List<Runnable> checks = new ArrayList<>();
  private final List<Receipted> receipts = new ArrayList<>();

  /** Many small charges close together, as a log grows long by. */
  private final boolean dense;

  private Limit limit;
  private CounterState state = CounterState.ABSENT;
  private long now;
  private long lastMicros;
  private long expiresAt;
  private long retryAt;
  private int step;

  private record Receipted(String key, Charged charged) {}

  Trace(Algorithm algorithm, long seed, String key) {
    this.algorithm = algorithm;
    this.seed = seed;
    this.random = new Random(seed);
    this.limits = new RandomLimits(random);
    this.key = key;
    this.dense = random.nextInt(3) == 0;
    this.limit = nextLimit();
    this.now = 1_500_000_000_000_000L + Math.floorMod(random.nextLong(), 500_000_000_000_000L);
  }

  /** Lives for {@code length} steps, or until time is up; returns how many count. */
  int run(ScriptUnderTest script, int length) {
    try {
      return live(script, length);
    } catch (StoredCheck.Outrun outrun) {
      return 0;
    }
  }

  private int live(ScriptUnderTest script, int length) {
    while (step < length && now < LATEST) {
      now = Math.min(nextTime(), LATEST);
      expire(script);
      int dice = random.nextInt(dense ? 600 : 100);
      if (dice < 3) {
        limit = nextLimit();
      }
      if (dice < 15 && !receipts.isEmpty()) {
        refund(script);
      } else if (dice < 17) {
        script.delete(key);
        state = CounterState.ABSENT;
      } else {
        decide(script);
      }
      step++;
      if (step % PIPELINED == 0) {
        verify(script);
      }
    }
    script.delete(key);
    receipts.forEach(receipt -> script.delete(receipt.key));
    verify(script);
    return step;
  }

  private void verify(ScriptUnderTest script) {
    script.flush();
    List<Runnable> due = List.copyOf(checks);
    checks.clear();
    due.forEach(Runnable::run);
  }

  private Limit nextLimit() {
    Limit next = limits.next(algorithm);
    return dense && next.limit() < 1_000 ? nextLimit() : next;
  }

  private long nextTime() {
    long window = Math.max(1, limit.windowMicros(now));
    if (dense && random.nextInt(30) > 0) {
      return now + 1 + limits.upTo(Math.max(1, window / 500));
    }
    long around = random.nextInt(-1, 2);
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> now;
      case 3 -> now + 1 + random.nextInt(10);
      case 4, 5 -> now + limits.upTo(window);
      case 6 -> retryAt > now ? retryAt + around : now;
      case 7 -> retryAt > now ? retryAt : now;
      case 8 -> state.isAbsent() || state.endMicros() < now ? now : state.endMicros() + around;
      case 9 -> edge(window) + around;
      case 10 -> now + limits.upTo(3 * window);
      default -> now - limits.upTo(2 * window);
    };
  }

  private long edge(long window) {
    return limit instanceof FixedWindow fixed
        ? fixed.window().endOf(now)
        : now - now % window + window;
  }

  /** What Redis does at the end of a TTL; half the time not, since it must make no difference. */
  private void expire(ScriptUnderTest script) {
    if (!state.isAbsent() && now >= expiresAt && random.nextBoolean()) {
      script.delete(key);
      state = CounterState.ABSENT;
    }
  }

  /** What the twin does, with a counter in the state before. */
  private Step step(CounterState before, long cost, boolean counting) {
    if (cost < 0) {
      return limit.credit(before, -cost, now);
    }
    return counting && limit instanceof FixedWindow fixed
        ? fixed.count(before, cost, now)
        : limit.decide(before, cost, now);
  }

  private void decide(ScriptUnderTest script) {
    long cost = cost();
    boolean receipt = random.nextInt(6) == 0;
    boolean counting = !receipt && limit instanceof FixedWindow && random.nextInt(4) == 0;
    boolean plain = cost >= 0 && !counting && !receipt;
    int times = plain && random.nextInt(3) == 0 ? 2 + random.nextInt(1 + random.nextInt(30)) : 1;
    List<Outcome> outcomes = new ArrayList<>();
    Step expected = step(state, cost, counting);
    checkLaws(expected, cost, counting);
    outcomes.add(expected.outcome());
    for (int i = 1; i < times; i++) {
      expected = step(expected.after(), cost, counting);
      outcomes.add(expected.outcome());
    }
    CounterState after = expected.after();
    Limit asked = limit;
    boolean written = after != state;
    boolean charged = written && cost > 0;
    String receiptKey =
        "receipt:%04x%016x%016x"
            .formatted(random.nextInt(1 << 14), random.nextLong(), random.nextLong());
    long at = now;
    long around = random.nextInt(20) == 0 ? now + random.nextInt(800) * 86_400_000_000L : now;
    long effective = state.isAbsent() ? now : Math.max(now, lastMicros);
    if (isOutside(around, effective)) {
      ScriptUnderTest.Ran ran =
          script.decide(call(around, cost, times, counting, ""), now, List.of());
      Supplier<String> label = label("decide outside of the windows sent");
      checks.add(
          () -> {
            Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
            assertEquals(at, reply.nextNumber(), label);
            assertEquals(Reply.Code.NEEDS_WINDOW, reply.nextCode(), label);
            assertEquals(effective, reply.nextNumber(), label);
          });
      around = effective;
    }
    List<String> watched = receipt ? List.of(key, receiptKey) : List.of(key);
    ScriptUnderTest.Ran ran =
        script.decide(
            call(around, cost, times, counting, receipt ? receiptKey : ""),
            now,
            watched,
            forms(after));
    Supplier<String> label = label("cost, times, state, outcomes", cost, times, state, outcomes);
    checks.add(
        () -> {
          StoredCheck.stopIfOutrun(ran, at, written, after);
          Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
          assertEquals(at, reply.nextNumber(), label);
          if (plain) {
            compareRun(reply, asked, cost, outcomes, label);
          } else {
            compareAnswer(
                reply, ran, at, new Step(outcomes.get(0), after), receipt, charged, label);
          }
          assertTrue(reply.isRead(), label);
          StoredCheck.compare(ran, at, written, after, label);
        });
    if (written) {
      become(after);
      if (receipt && charged) {
        receipts.add(new Receipted(receiptKey, after.charged(cost)));
      }
    }
    if (outcomes.get(times - 1) instanceof Outcome.Denied denied) {
      retryAt = now + denied.retryAfterMicros();
    }
  }

  private void become(CounterState after) {
    state = after;
    if (!after.isAbsent()) {
      lastMicros = after.charged(1).atMicros();
      expiresAt = now + StoredCheck.ttlMillis(after, now) * 1_000;
    }
  }

  private DecideArguments call(
      long around, long cost, int times, boolean counting, String receiptKey) {
    DecideArguments call = new DecideArguments(around);
    boolean receipt = !receiptKey.isEmpty();
    if (cost < 0 || counting || receipt) {
      call.question(List.of(Role.ENFORCED), counting, false, receipt);
    } else {
      call.plainQuestion(key, limit, cost, times);
      return call;
    }
    if (receipt) {
      call.receipt(receiptKey);
    }
    call.counter(key, limit, cost);
    return call;
  }

  private boolean isOutside(long around, long effective) {
    if (limit instanceof FixedWindow fixed && fixed.window() instanceof Window.Calendar calendar) {
      long first = calendar.startOf(calendar.startOf(around) - 1);
      long last = calendar.endOf(calendar.endOf(around));
      return effective < first || effective >= last;
    }
    return false;
  }

  /** Long logs are read back now and then only. */
  private Algorithm[] forms(CounterState state) {
    boolean large = state instanceof SlidingLog.State log && log.entries().size() > 50;
    return large && random.nextInt(20) > 0 ? new Algorithm[0] : new Algorithm[] {algorithm};
  }

  private void refund(ScriptUnderTest script) {
    boolean again = random.nextInt(5) == 0;
    int index = random.nextInt(receipts.size());
    Receipted receipt = again ? receipts.get(index) : receipts.remove(index);
    CounterState before = state;
    CounterState after = state.refund(receipt.charged, now);
    boolean given = !after.equals(before);
    long at = now;
    ScriptUnderTest.Ran ran =
        script.refund(receipt.key, List.of(key), now, List.of(key), forms(after));
    if (again) {
      receipts.remove(index);
      ScriptUnderTest.Ran second = script.refund(receipt.key, List.of(key), now, List.of());
      checks.add(
          () -> assertEquals(0L, ScriptUnderTest.number(second.reply()), "given back twice"));
    }
    Supplier<String> label = label("refund, state", receipt.charged, before);
    checks.add(
        () -> {
          assertEquals(given ? 1L : 0L, ScriptUnderTest.number(ran.reply()), label);
          StoredCheck.compare(ran, at, given, after, label);
        });
    if (given) {
      become(after);
    }
  }

  /** As often as the question was asked, it is told what it would have been told alone. */
  private static void compareRun(
      Reply reply, Limit asked, long cost, List<Outcome> outcomes, Supplier<String> label) {
    assertTrue(reply.hasRun(), label);
    Run run = reply.nextRun(asked, cost, outcomes.size());
    for (int i = 0; i < outcomes.size(); i++) {
      assertEquals(outcomes.get(i), run.outcome(i), label);
    }
  }

  private static void compareAnswer(
      Reply reply,
      ScriptUnderTest.Ran ran,
      long at,
      Step expected,
      boolean receipt,
      boolean charged,
      Supplier<String> label) {
    Reply.Code code = expected.outcome().admits() ? Reply.Code.ADMITTED : Reply.Code.DENIED;
    assertEquals(code, reply.nextCode(), label);
    assertEquals(expected.outcome(), reply.nextOutcome(), label);
    if (receipt) {
      assertEquals(charged ? 1 : 0, reply.nextNumber(), label);
      long ttl = charged ? StoredCheck.millisUntilEnd(expected.after(), at) : -2;
      StoredCheck.assertTtl(ran, 1, ttl, label);
    }
  }

  /**
   * Retry-after is exact to the microsecond, and a state whose end has come equals an absent one.
   */
  private void checkLaws(Step step, long cost, boolean counting) {
    Outcome outcome = step.outcome();
    Supplier<String> label = label("cost, state, outcome", cost, state, outcome);
    if (outcome instanceof Outcome.Denied denied) {
      long retry = now + denied.retryAfterMicros();
      assertTrue(denied.retryAfterMicros() > 0, label);
      assertTrue(limit.decide(step.after(), cost, retry).outcome().admits(), label);
      assertTrue(!limit.decide(step.after(), cost, retry - 1).outcome().admits(), label);
    }
    assertEquals(outcome instanceof Outcome.Never, cost > limit.limit(), label);
    if (!state.isAbsent() && now >= state.endMicros()) {
      assertEquals(step(CounterState.ABSENT, cost, counting).outcome(), outcome, label);
    }
    if (cost < 0) {
      checkCredit(step, -cost, label);
    } else if (outcome.remaining() > 0) {
      assertTrue(limit.decide(state, 0, now).outcome().admits(), label);
    }
  }

  /** What is given back makes room, at most all of it, and lets nothing live longer. */
  private void checkCredit(Step step, long cost, Supplier<String> label) {
    Outcome before = limit.decide(state, 0, now).outcome();
    assertTrue(step.outcome().remaining() >= before.remaining(), label);
    assertTrue(step.outcome().resetAfterMicros() <= before.resetAfterMicros(), label);
    assertTrue(step.after().endMicros() <= state.endMicros(), label);
    assertEquals(before.resetAfterMicros() == 0, step.after() == state, label);
    if (cost == Bounds.MAX_COUNT) {
      assertTrue(step.after() == state || step.after().isAbsent(), label);
    }
  }

  private long cost() {
    long most = limit.limit();
    if (dense && random.nextInt(12) > 0) {
      return Math.max(1, limits.upTo(most / 500));
    }
    long remaining = limit.decide(state, 0, now).outcome().remaining();
    return switch (random.nextInt(15)) {
      case 0 -> 0;
      case 1, 2, 3, 4 -> 1;
      case 5 -> 1 + random.nextInt(10);
      case 6 -> limits.upTo(most);
      case 7 -> Math.max(1, most / 3);
      case 8 -> most + 1;
      case 9 -> remaining;
      case 10 -> remaining + 1;
      case 11 -> -1 - random.nextInt(10);
      case 12 -> -limits.upTo(most);
      case 13 -> random.nextInt(4) == 0 ? -Bounds.MAX_COUNT : -Math.max(1, most - remaining - 1);
      default -> random.nextInt(4) == 0 ? limits.upTo(Bounds.MAX_COUNT) : most;
    };
  }

  /** Says where in which trace; put together only for a failure, since most steps have none. */
  private Supplier<String> label(String what, Object... values) {
    int atStep = step;
    long at = now;
    Limit under = limit;
    return () ->
        "%s trace %d step %d at %d under %s: %s = %s"
            .formatted(algorithm.label(), seed, atStep, at, under, what, List.of(values));
  }
}
