package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.Role;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of a question and those who claim it, whoever comes first charges it, and nobody else. */
class ClaimIT {
  private static final long NOW = 1_700_000_000_000_000L;
  private static final Limit LIMIT = FixedWindow.per(3_600_000_000L, 10);

  private final ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri());

  @BeforeEach
  void forget() {
    List.of("record", "other", "counter").forEach(script::delete);
    script.flush();
  }

  @AfterEach
  void close() {
    script.close();
  }

  private ScriptUnderTest.Ran claim(String name, List<String> watched, String... records) {
    ClaimArguments call = new ClaimArguments();
    for (String record : records) {
      call.question(record, "print", name);
    }
    ScriptUnderTest.Ran ran = script.claim(call, NOW, watched);
    script.flush();
    return ran;
  }

  private List<Object> claim(String name, String... records) {
    List<Object> said = new ArrayList<>();
    ((List<?>) ScriptUnderTest.now(claim(name, List.of(), records).reply()))
        .forEach(one -> said.add(one instanceof byte[] ? ScriptUnderTest.text(one) : one));
    return said;
  }

  /** The code of the answer to the question, and how many numbers are told again. */
  private List<Object> ask() {
    DecideArguments call = new DecideArguments(NOW);
    call.question(List.of(Role.ENFORCED), false, /* idempotent= */ true, /* receipt= */ false);
    call.idempotency("record", "print", "shape");
    call.counter("counter", LIMIT, 4);
    ScriptUnderTest.Ran ran = script.decide(call, NOW, List.of());
    script.flush();
    List<?> reply = (List<?>) ScriptUnderTest.now(ran.reply());
    Object code = reply.get(1);
    return code.equals(2L) ? List.of(code, reply.get(4)) : List.of(code);
  }

  @Test
  void whatIsClaimed_isNotChargedByRedis() {
    assertEquals(List.of(1L), claim("mine", "record"));
    assertEquals(List.of(2L, 0L), ask());
    assertEquals(List.of(1L), claim("mine", "record"), "the same claim, sent again");
    assertEquals(List.of(0L), claim("another", "record"));
  }

  @Test
  void whatRedisCharged_isNotClaimed() {
    assertEquals(List.of(1L), ask());
    assertEquals(List.of(0L, 1L), claim("mine", "record", "other"));
    assertEquals(List.of(2L, 4L), ask(), "it is told again what it was told");
  }

  @Test
  void somethingElseInItsPlace_isNamed_andLeft() {
    DecideArguments call = new DecideArguments(NOW);
    call.plainQuestion("record", LIMIT, 1, 1);
    script.decide(call, NOW, List.of());
    script.flush();
    assertEquals(List.of(5L, "record", 1L), claim("mine", "record", "other"));
  }

  @Test
  void aClaim_lastsForAMinute() {
    ScriptUnderTest.Ran ran = claim("mine", List.of("record"), "record");
    long millis = ScriptUnderTest.now(ran.ttls().get(0));
    assertTrue(millis <= 60_000 && millis >= 60_000 - ran.tookMillis(), "TTL " + millis);
  }
}
