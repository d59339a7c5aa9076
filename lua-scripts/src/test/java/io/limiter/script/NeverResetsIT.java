package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Charged;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.Owed;
import io.limiter.algorithm.Settled;
import io.limiter.algorithm.Step;
import io.limiter.algorithm.Window;
import io.limiter.ledger.Role;
import io.limiter.testing.TestRedis;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A window that has no end, in Redis as in its twin: over a century, with a clock of the test. */
class NeverResetsIT {
  private static final int SEED = TraceIT.number("limiter.test.seed", 20_260_101);
  private static final long DAY = 86_400_000_000L;
  private static final long TEN_YEARS = 3_652 * DAY;
  private static final long LATEST = 3_800_000_000_000_000L;
  private static final Algorithm FORM = Algorithm.FIXED_WINDOW;

  private CounterState state = CounterState.ABSENT;
  private long now;

  @Test
  void whatIsCharged_countsForAllTime_andIsStoredTenToTwentyYearsAfterTheLastCharge() {
    Random random = new Random(SEED);
    int admitted = 0;
    int denied = 0;
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      for (int life = 0; life < 100; life++) {
        String key = "never:" + life;
        FixedWindow limit = new FixedWindow(1 + random.nextInt(200), new Window.Never());
        state = CounterState.ABSENT;
        now = 1_500_000_000_000_000L + random.nextInt(1_000) * DAY;
        long used = 0;
        while (now < LATEST && now - last() < TEN_YEARS - 400 * DAY) {
          long cost = random.nextInt(4);
          Step step = limit.decide(state, cost, now);
          assertEquals(step.outcome().admits(), used + cost <= limit.limit(), "seed " + SEED);
          charge(script, key, limit, cost, step);
          boolean charged = step.after() != state;
          used += charged ? cost : 0;
          state = step.after();
          admitted += step.outcome().admits() ? 1 : 0;
          denied += step.outcome() instanceof Outcome.Denied ? 1 : 0;
          if (random.nextInt(6) == 0) {
            used += settle(script, key, limit, now - random.nextLong(now));
          }
          now += random.nextInt(8) == 0 ? -random.nextInt(1_000) : random.nextLong(400 * DAY);
        }
        script.delete(key);
        script.flush();
      }
    }
    assertTrue(admitted > 1_000 && denied > 300, admitted + " and " + denied);
  }

  /** When it was charged last, or now. */
  private long last() {
    return state.isAbsent() ? now : state.charged(1).atMicros();
  }

  private long around() {
    return Math.max(now, last());
  }

  private void charge(
      ScriptUnderTest script, String key, FixedWindow limit, long cost, Step expected) {
    DecideArguments call = new DecideArguments(around());
    call.question(List.of(Role.ENFORCED), false, false, false);
    call.counter(key, limit, cost);
    ScriptUnderTest.Ran ran = script.decide(call, now, List.of(key), FORM);
    script.flush();
    Supplier<String> label = () -> "seed %d at %d: %s of %s".formatted(SEED, now, cost, state);
    boolean written = expected.after() != state;
    StoredCheck.compare(ran, now, written, expected.after(), label);
    if (written) {
      long ttl = expected.after().endMicros() - around();
      assertTrue(ttl > TEN_YEARS && ttl <= 2 * TEN_YEARS, label);
    }
    List<?> reply = (List<?>) ScriptUnderTest.now(ran.reply());
    assertEquals(expected.outcome().admits() ? 1L : 0L, reply.get(1), label);
    assertEquals(expected.outcome().remaining(), reply.get(3), label);
  }

  private long settle(ScriptUnderTest script, String key, FixedWindow limit, long at) {
    List<Owed> owed = List.of(new Owed(1, at));
    Settled settled = limit.settle(state, owed, now);
    SettleArguments call = new SettleArguments(around(), now, now);
    call.counter(key, limit, owed);
    ScriptUnderTest.Ran ran = script.settle(call, now, List.of(key), FORM);
    script.flush();
    assertEquals(
        List.of(now, 1L, settled.charged(), 0L), ScriptUnderTest.now(ran.reply()), "seed " + SEED);
    StoredCheck.compare(ran, now, settled.charged() > 0, settled.after(), () -> "seed " + SEED);
    state = settled.after();
    return settled.charged();
  }

  /** As an instance does with its first question: it does not know the time of Redis yet. */
  @Test
  void whoGuessesAnotherTime_isToldTheTime_andChargesNothing() {
    FixedWindow limit = new FixedWindow(5, new Window.Never());
    now = 1_800_000_000_000_000L;
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      for (long guess : List.of(0L, DAY, TEN_YEARS, now - 3 * TEN_YEARS)) {
        DecideArguments call = new DecideArguments(guess);
        call.question(List.of(Role.ENFORCED), false, false, false);
        call.counter("never:guessed", limit, 1);
        ScriptUnderTest.Ran ran = script.decide(call, now, List.of("never:guessed"), FORM);
        script.flush();
        assertEquals(List.of(now, 4L, now), ScriptUnderTest.now(ran.reply()), "guess " + guess);
        StoredCheck.compare(ran, now, false, CounterState.ABSENT, () -> "guess " + guess);
      }
    }
  }

  @Test
  void aChargeIsGivenBack_yearsLater() {
    FixedWindow limit = new FixedWindow(10, new Window.Never());
    now = 5 * TEN_YEARS;
    CounterState before = limit.decide(CounterState.ABSENT, 4, now).after();
    Charged charged = before.charged(4);
    now += 9 * 365 * DAY;
    CounterState more = limit.decide(before, 3, now).after();
    assertEquals(7, limit.decide(more.refund(charged, now), 0, now).outcome().remaining());
  }
}
