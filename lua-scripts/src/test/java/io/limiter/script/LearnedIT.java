package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import io.limiter.testing.TestRedis;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A counter that learns admits no more than its own limit does, nor than its upstream is said to.
 */
class LearnedIT {
  private static final long START = 1_700_000_000_000_000L;
  private static final long SECOND = 1_000_000;
  private static final long KEPT = 600 * SECOND;
  private static final Limit OWN = FixedWindow.per(366 * 86_400 * SECOND, 1_000_000);
  private static final String LEARNED = "limiter:{x}^learned";
  private static final String COUNTER = "limiter:{x}";
  private static final String RECEIPT = "limiter:{x}!receipt:" + "0".repeat(36);
  private static final int STEPS = TraceIT.number("limiter.test.steps", 100_000) / 20;

  private final ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri());
  private long now = START;

  @BeforeEach
  void forget() {
    List.of(COUNTER, LEARNED, RECEIPT).forEach(script::delete);
    script.flush();
  }

  @AfterEach
  void close() {
    forget();
    script.close();
  }

  private ScriptUnderTest.Ran ran(Limit own, long cost, boolean receipt) {
    DecideArguments call = new DecideArguments(now);
    call.question(List.of(Role.ENFORCED), false, false, receipt);
    if (receipt) {
      call.receipt(RECEIPT);
    }
    call.counter(COUNTER, own, cost);
    call.learned(0, LEARNED);
    ScriptUnderTest.Ran ran = script.decide(call, now, List.of(LEARNED, COUNTER));
    script.flush();
    return ran;
  }

  private Outcome ask(Limit own, long cost) {
    return outcome(ran(own, cost, false));
  }

  private Outcome ask(long cost) {
    return ask(OWN, cost);
  }

  private static Outcome outcome(ScriptUnderTest.Ran ran) {
    Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
    reply.nextNumber();
    boolean admitted = reply.nextCode() == Reply.Code.ADMITTED;
    Outcome outcome = reply.nextOutcome();
    assertEquals(admitted, outcome.admits());
    return outcome;
  }

  private long observe(long remaining, long reset, long blocked, long limit) {
    ScriptUnderTest.Ran ran =
        script.observe(
            List.of(LEARNED),
            new ObserveArguments(remaining, reset, blocked, limit),
            now,
            List.of(LEARNED));
    script.flush();
    return ScriptUnderTest.number(ran.reply());
  }

  private static long waits(Outcome outcome) {
    return ((Outcome.Denied) outcome).retryAfterMicros();
  }

  @Test
  void nothingIsSaid_theRulesOwnLimitHolds() {
    assertEquals(999_999, ask(1).remaining());
  }

  @Test
  void nothingPasses_untilTheUpstreamTakesItAgain() {
    assertEquals(1, observe(-1, -1, 3 * SECOND, -1));
    Outcome denied = ask(1);
    assertEquals(0, denied.remaining());
    assertEquals(3 * SECOND, waits(denied));
    now += 3 * SECOND - 1;
    assertEquals(1, waits(ask(0)));
    now++;
    assertEquals(999_999, ask(1).remaining(), "and what was denied was not charged");
  }

  @Test
  void aShorterBlock_endsNoLongerOne() {
    observe(-1, -1, 3 * SECOND, -1);
    observe(-1, -1, SECOND, -1);
    assertEquals(3 * SECOND, waits(ask(1)));
  }

  @Test
  void whatRemainsUpstream_isCounted_andTheNextWindowIsLikeTheOneBefore() {
    observe(3, 2 * SECOND, -1, 10);
    now += SECOND;
    assertEquals(1, ask(2).remaining());
    assertEquals(SECOND, waits(ask(2)));
    assertEquals(0, ask(1).remaining());
    now += SECOND;
    assertEquals(9, ask(1).remaining());
    assertEquals(2 * SECOND, waits(ask(10)));
    now += 2 * SECOND;
    assertEquals(0, ask(10).remaining());
  }

  @Test
  void withoutALimit_aNewWindowAdmitsTheMostThatWasEverLeft() {
    observe(7, 2 * SECOND, -1, -1);
    observe(4, 2 * SECOND, -1, -1);
    assertEquals(3, ask(1).remaining());
    now += 2 * SECOND;
    assertEquals(6, ask(1).remaining());
  }

  @Test
  void whatIsHeardOfTheWindowBefore_saysNothingOfThisOne() {
    observe(10, 10 * SECOND, -1, 10);
    now += 10 * SECOND;
    assertEquals(6, ask(4).remaining());
    // Its answer came late. It would end the new window at once, and let another one pass.
    observe(0, SECOND / 100, -1, 10);
    now += SECOND;
    assertEquals(0, ask(6).remaining());
    assertEquals(9 * SECOND, waits(ask(1)));
  }

  @Test
  void aWindowThatIsLongerThanWasKnown_isNoOther() {
    // Heard of shortly before its end, which says little of its length.
    observe(10, SECOND, -1, 10);
    now += SECOND;
    assertEquals(4, ask(6).remaining());
    // Of what was sent meanwhile, the upstream has not seen all.
    observe(9, 10 * SECOND, -1, 10);
    assertEquals(0, ask(4).remaining());
    assertEquals(10 * SECOND, waits(ask(1)));
    now += 10 * SECOND;
    assertEquals(0, ask(10).remaining());
  }

  @Test
  void ofOneWindow_theLeastIsBelieved_inWhicheverOrderAnswersCome() {
    observe(5, 10 * SECOND, -1, 10);
    now += SECOND;
    observe(8, 9 * SECOND, -1, 10);
    assertEquals(5, ask(0).remaining());
    observe(2, 9 * SECOND + 1, -1, 10);
    assertEquals(2, ask(0).remaining());
    assertEquals(9 * SECOND, waits(ask(3)));
  }

  @Test
  void anEndByMoreThanHalfAWindowLater_isThatOfAnotherWindow_onceThisOneIsNearlyOver() {
    observe(1, 2 * SECOND, -1, 10);
    now += SECOND;
    observe(9, 4 * SECOND, -1, 10);
    assertEquals(9, ask(0).remaining());
    assertEquals(4 * SECOND, waits(ask(10)));
  }

  @Test
  void aCostBeyondTheUpstreamsLimit_waitsForAWholeWindow() {
    observe(4, 2 * SECOND, -1, 5);
    assertEquals(2 * SECOND, waits(ask(50)));
    now += 2 * SECOND;
    assertEquals(0, ask(50).remaining());
    assertEquals(2 * SECOND, waits(ask(1)));
  }

  /** A counter that is given all of it back is as empty as one that was never asked. */
  @Test
  void whatIsGivenBack_leavesNoMoreThanTheUpstreamAdmits() {
    Limit five = FixedWindow.per(366 * 86_400 * SECOND, 5);
    ask(five, 2);
    observe(3, SECOND, -1, 10);
    assertEquals(3, ask(five, -1).remaining());
    assertEquals(3, ask(five, -1).remaining(), "and then it is empty");
    assertEquals(3, ask(five, -1).remaining(), "as it was before");
  }

  @Test
  void whatTheUpstreamDenies_isNotTakenFromWhatRemains() {
    Limit five = FixedWindow.per(366 * 86_400 * SECOND, 5);
    observe(3, SECOND, -1, 10);
    Outcome denied = ask(five, 4);
    assertEquals(SECOND, waits(denied));
    assertEquals(3, denied.remaining());
    assertEquals(3, ask(five, 0).remaining());
    assertEquals(0, ask(five, 3).remaining());
  }

  @Test
  void whatTheUpstreamDenies_isNotCharged_norTheOtherWayRound() {
    Limit two = FixedWindow.per(366 * 86_400 * SECOND, 2);
    observe(1, SECOND, -1, 9);
    assertEquals(SECOND, waits(ask(two, 2)));
    assertEquals(1, ask(two, 1).remaining() + 1, "of the upstream's");
    now += SECOND;
    assertEquals(1, ask(two, 0).remaining(), "of its own");
    assertTrue(waits(ask(two, 2)) > SECOND);
    assertEquals(0, ask(two, 1).remaining());
    observe(9, SECOND, -1, 9);
    assertTrue(waits(ask(two, 1)) > SECOND, "its own limit holds whatever is left upstream");
  }

  @Test
  void theDelayOfAQueue_isNoPartOfTheWaitForTheUpstream() {
    Limit queue = LeakyBucket.of(1, 60 * SECOND, 5);
    ask(queue, 3);
    observe(-1, -1, SECOND, -1);
    assertEquals(SECOND, waits(ask(queue, 1)));
  }

  @Test
  void aRefund_givesBackBoth_inTheSameWindowOnly() {
    observe(3, 2 * SECOND, -1, 10);
    ran(OWN, 2, true);
    List<String> charged = script.charged(RECEIPT);
    assertEquals(List.of(LEARNED, COUNTER), charged);
    script.refund(RECEIPT, charged, now, List.of());
    script.flush();
    assertEquals(3, ask(0).remaining());
    ran(OWN, 2, true);
    now += 2 * SECOND;
    assertEquals(9, ask(1).remaining());
    script.refund(RECEIPT, charged, now, List.of());
    script.flush();
    assertEquals(9, ask(0).remaining());
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatWasNotCharged_isGivenNothing_whateverItsUpstreamSaid(Algorithm algorithm) {
    Limit own = new RandomLimits(new Random(1)).next(algorithm);
    observe(0, 2 * SECOND, -1, 10);
    assertEquals(0, ask(own, -3).remaining());
  }

  @Test
  void aReceipt_namesNothingThatAnotherQuestionOfTheCallLearned() {
    observe(3, 2 * SECOND, -1, 10);
    DecideArguments call = new DecideArguments(now);
    call.question(List.of(Role.ENFORCED), false, false, /* receipt= */ false);
    call.counter(COUNTER, OWN, 1);
    call.learned(0, LEARNED);
    call.question(List.of(Role.ENFORCED), false, false, /* receipt= */ true);
    call.receipt(RECEIPT);
    call.counter(COUNTER, OWN, 1);
    script.decide(call, now, List.of());
    script.flush();
    assertEquals(List.of(COUNTER), script.charged(RECEIPT));
  }

  @Test
  void whatSomethingElseIsStoredIn_isNamed_andLeftAlone() {
    DecideArguments call = new DecideArguments(now);
    call.plainQuestion(LEARNED, OWN, 1, 1);
    script.decide(call, now, List.of(LEARNED));
    script.flush();
    assertEquals(0, observe(-1, -1, SECOND, -1));
    Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran(OWN, 1, false).reply()));
    reply.nextNumber();
    assertEquals(Reply.Code.BROKEN, reply.nextCode());
    assertEquals(LEARNED, reply.nextText());
  }

  @Test
  void itIsForgotten_aWhileAfterTheUpstreamWasHeardOfLast() {
    ScriptUnderTest.Ran ran =
        script.observe(
            List.of(LEARNED), new ObserveArguments(0, 2 * SECOND, -1, 1), now, List.of(LEARNED));
    script.flush();
    long millis = ScriptUnderTest.now(ran.ttls().get(0));
    assertTrue(millis <= 602_000 && millis >= 602_000 - ran.tookMillis(), "TTL " + millis);
    now += 2 * SECOND + KEPT - 1;
    assertEquals(0, ask(1).remaining());
    now++;
    assertEquals(999_998, ask(1).remaining());
  }

  /** A plain model of the same, in any order of things and with a clock that may run back. */
  @Test
  void randomUpstreams_areHeldToAsTheModelSays() {
    Random random = new Random(TraceIT.number("limiter.test.seed", 20_260_101));
    Model model = new Model();
    long used = 0;
    for (int step = 0; step < STEPS; step++) {
      now += random.nextInt(20) == 0 ? -random.nextInt(500_000) : random.nextInt(1_500_000);
      if (random.nextInt(400) == 0) {
        now += random.nextLong(2 * KEPT);
      }
      String label = "step " + step + " " + model;
      if (random.nextInt(4) == 0) {
        long remaining = random.nextInt(3) == 0 ? -1 : random.nextInt(12);
        long reset = remaining < 0 && random.nextBoolean() ? -1 : random.nextInt(8_000_000);
        long blocked = random.nextInt(6) == 0 ? random.nextInt(3_000_000) : -1;
        long limit = random.nextInt(4) == 0 ? 1 + random.nextInt(12) : -1;
        assertEquals(1, observe(remaining, reset, blocked, limit));
        model.observe(now, remaining, reset, blocked, limit);
        continue;
      }
      long cost = random.nextInt(5);
      Outcome outcome = ask(cost);
      long wait = model.ask(now, cost);
      assertEquals(
          wait, outcome instanceof Outcome.Denied denied ? denied.retryAfterMicros() : 0, label);
      used += outcome.admits() ? cost : 0;
      assertEquals(model.remaining(now, 1_000_000 - used), outcome.remaining(), label);
      if (used > 900_000) {
        script.delete(COUNTER);
        script.flush();
        used = 0;
      }
    }
  }

  /** Written apart from the script. */
  private static final class Model {
    private long limit;
    private long left;
    private long end;
    private long length;
    private long blocked;
    private long forgotten;

    private void pass(long now) {
      if (now >= forgotten) {
        limit = 0;
        length = 0;
        blocked = 0;
        end = 0;
      }
      if (length > 0 && limit == 0 && now >= end) {
        length = 0;
      }
      while (length > 0 && now >= end) {
        end += length;
        left = limit;
      }
    }

    void observe(long now, long remaining, long reset, long block, long told) {
      pass(now);
      limit = told >= 0 ? told : Math.max(limit, remaining);
      if (remaining >= 0 && reset > 0) {
        long ahead = now + reset - end;
        boolean later = 2 * ahead > length;
        if (length == 0 || (later && 2 * (end - now) <= length)) {
          left = remaining;
          end = now + reset;
        } else if (2 * ahead >= -length) {
          left = Math.min(left, remaining);
          end = later ? now + reset : Math.min(end, now + reset);
        }
        length = Math.max(length, reset);
      }
      blocked = Math.max(blocked, now + Math.max(0, block));
      forgotten = Math.max(Math.max(length == 0 ? 0 : end, blocked), now) + Math.max(length, KEPT);
    }

    /** How long it waits; 0 if it is admitted, and then it is charged. */
    long ask(long now, long cost) {
      pass(now);
      long needs = Math.min(cost, limit);
      boolean lacks = length > 0 && needs > left;
      if (blocked > now || lacks) {
        return Math.max(blocked > now ? blocked : 0, lacks ? end : 0) - now;
      }
      left -= length > 0 ? needs : 0;
      return 0;
    }

    long remaining(long now, long own) {
      return blocked > now ? 0 : length > 0 ? Math.min(own, left) : own;
    }

    @Override
    public String toString() {
      return "limit %d, %d left until %d, each %d, blocked until %d"
          .formatted(limit, left, end, length, blocked);
    }
  }
}
