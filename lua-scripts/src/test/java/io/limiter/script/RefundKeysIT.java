package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.Role;
import io.limiter.testing.TestRedis;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** A refund touches no key that it does not declare: a Redis Cluster would refuse it. */
class RefundKeysIT {
  private static final long NOW = 1_700_000_000_000_000L;
  private static final Limit LIMIT = FixedWindow.per(3_600_000_000L, 10);
  private static final String RECEIPT = "receipt:" + "0".repeat(36);

  @Test
  void refund_ofOtherCountersThanItsReceiptNames_isRefusedAndGivesNothingBack() {
    try (ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri())) {
      charge(script, "a", "b");
      assertEquals(List.of("a", "b"), script.charged(RECEIPT));
      for (List<String> others :
          List.of(List.<String>of(), List.of("a"), List.of("b", "a"), List.of("a", "c"))) {
        ScriptUnderTest.Ran refused = script.refund(RECEIPT, others, NOW, List.of());
        script.flushRefused();
        CompletionException why =
            assertThrows(CompletionException.class, () -> ScriptUnderTest.number(refused.reply()));
        assertTrue(why.toString().contains("those that its receipt names"), why::toString);
      }
      assertEquals(1, refund(script, "a", "b"));
      assertEquals(0, refund(script, "a", "b"));
      assertEquals(List.of(), script.charged(RECEIPT));
    }
  }

  private static void charge(ScriptUnderTest script, String... keys) {
    DecideArguments call = new DecideArguments(NOW);
    call.question(List.of(Role.ENFORCED, Role.ENFORCED), false, false, /* receipt= */ true);
    call.receipt(RECEIPT);
    for (String key : keys) {
      call.counter(key, LIMIT, 4);
    }
    ScriptUnderTest.Ran ran = script.decide(call, NOW, List.of(keys));
    script.flush();
    ScriptUnderTest.now(ran.reply());
  }

  private static long refund(ScriptUnderTest script, String... keys) {
    ScriptUnderTest.Ran ran = script.refund(RECEIPT, List.of(keys), NOW, List.of());
    script.flush();
    return ScriptUnderTest.number(ran.reply());
  }
}
