package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.Role;
import io.limiter.testing.Limits;
import io.limiter.testing.TestRedis;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A question that Redis gets to after its time charges nothing, and those beside it are decided.
 */
class ExpiredIT {
  private static final long NOW = 1_700_000_000_000_000L;
  private static final Limit WINDOW = FixedWindow.per(3_600_000_000L, 10);
  private static final Limit BUCKET = TokenBucket.of(10, 3_600_000_000L, 10);
  private static final List<String> KEYS =
      List.of("a", "b", "c", "answer", "receipt:" + "0".repeat(36), "d", "e", "f");

  private static DecideArguments call(long firstLast, long secondLast) {
    DecideArguments call = new DecideArguments(NOW);
    call.validUntil(firstLast);
    call.plainQuestion("a", WINDOW, 1, 1);
    call.plainQuestion("b", WINDOW, 1, 1);
    call.plainQuestion("c", BUCKET, 1, 3);
    call.question(List.of(Role.ENFORCED, Role.SHADOW), false, true, true);
    call.idempotency("answer", "fingerprint", "shape");
    call.receipt(KEYS.get(4));
    call.counter("d", WINDOW, 2);
    call.counter("e", BUCKET, 2);
    call.validUntil(secondLast);
    call.plainQuestion("f", WINDOW, 1, 1);
    return call;
  }

  private static Reply ask(ScriptUnderTest script, DecideArguments call) {
    KEYS.forEach(script::delete);
    ScriptUnderTest.Ran ran = script.decide(call, NOW, KEYS);
    script.flush();
    Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
    assertEquals(NOW, reply.nextNumber());
    for (int i = 0; i < KEYS.size(); i++) {
      written[i] = ScriptUnderTest.now(ran.ttls().get(i)) > 0;
    }
    return reply;
  }

  private static final boolean[] written = new boolean[KEYS.size()];

  @Test
  void afterItsTime_aQuestionIsVoidAndWritesNothing_andTheNextIsDecided() {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      Reply reply = ask(script, call(NOW - 1, NOW));
      for (int i = 0; i < 4; i++) {
        assertFalse(i < 3 && reply.hasRun());
        assertEquals(Reply.Code.EXPIRED, reply.nextCode());
      }
      assertTrue(reply.hasRun());
      assertTrue(reply.nextRun(WINDOW, 1, 1).outcome(0).admits());
      assertTrue(reply.isRead());
      for (int i = 0; i < KEYS.size(); i++) {
        assertEquals(i == KEYS.size() - 1, written[i], KEYS.get(i));
      }
    }
  }

  @Test
  void untilItsTime_aQuestionIsDecided_andOneBehindItMayBeVoid() {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      Reply reply = ask(script, call(NOW, NOW - 1));
      assertTrue(reply.nextRun(WINDOW, 1, 1).outcome(0).admits());
      assertTrue(reply.nextRun(WINDOW, 1, 1).outcome(0).admits());
      assertTrue(reply.nextRun(BUCKET, 1, 3).outcome(2).admits());
      assertEquals(Reply.Code.ADMITTED, reply.nextCode());
      reply.nextOutcome();
      reply.nextOutcome();
      assertEquals(1, reply.nextNumber());
      assertEquals(Reply.Code.EXPIRED, reply.nextCode());
      assertTrue(reply.isRead());
      for (int i = 0; i < KEYS.size(); i++) {
        assertEquals(i < KEYS.size() - 1, written[i], KEYS.get(i));
      }
    }
  }

  /** Also in the forms that hold one algorithm and no headers. */
  @Test
  void everyFormOfTheScriptKnowsTheTime() {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      for (Algorithm algorithm : Algorithm.values()) {
        Limit limit = Limits.of(algorithm, 10, 60_000_000, /* rate= */ 10, 60_000_000);
        DecideArguments call = new DecideArguments(NOW);
        call.validUntil(NOW - 1);
        call.plainQuestion("a", limit, 1, 1);
        call.validUntil(NOW);
        call.plainQuestion("b", limit, 1, 1);
        Reply reply = ask(script, call);
        assertEquals(Reply.Code.EXPIRED, reply.nextCode(), algorithm::toString);
        reply.nextRun(limit, 1, 1);
        assertTrue(reply.isRead(), algorithm::toString);
      }
    }
  }
}
