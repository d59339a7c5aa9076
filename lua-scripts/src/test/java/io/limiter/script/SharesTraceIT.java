package io.limiter.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.CounterState;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.algorithm.TokenBucket;
import io.limiter.algorithm.Window;
import io.limiter.ledger.Ledger;
import io.limiter.ledger.Role;
import io.limiter.share.ShareTerms;
import io.limiter.share.SharedLimit;
import io.limiter.share.SharedStates;
import io.limiter.testing.TestRedis;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The script and its Java twin decide alike about pools that tenants share: what is answered, what
 * is stored, and for how long. Time may run back, terms change, and receipts go back.
 */
class SharesTraceIT {
  private static final long SECOND = 1_000_000;
  private static final long START = 1_700_000_000_000_000L;
  private static final long SEED = TraceIT.number("limiter.test.seed", 20_261_128);
  private static final int STEPS = TraceIT.number("limiter.test.steps", 100_000) / 20;
  private static final String POOL = "limiter:{x}:pool:t:";
  private static final String SHARERS = POOL + "^shares";
  private static final String RECEIPT = "limiter:{x}!receipt:" + "0".repeat(36);

  private final ScriptUnderTest script = new ScriptUnderTest(TestRedis.shared().uri());
  private final Map<String, CounterState> states = new HashMap<>();

  @AfterEach
  void close() {
    script.close();
  }

  static Stream<Limit> pools() {
    return Stream.of(
        TokenBucket.of(100, SECOND, 100),
        TokenBucket.of(7, SECOND, 40),
        TokenBucket.of(99_991, 60 * SECOND, 5_000),
        FixedWindow.per(10 * SECOND, 200),
        FixedWindow.per(SECOND, 37),
        new FixedWindow(1_000, new Window.Calendar(Window.Calendar.Unit.DAY, ZoneId.of("UTC"))),
        new FixedWindow(
            1_000, new Window.Calendar(Window.Calendar.Unit.MONTH, ZoneId.of("Europe/Berlin"), 31)),
        FixedWindow.per(10 * SECOND, 200_000_007));
  }

  @ParameterizedTest
  @MethodSource("pools")
  void theTwinsDecideAlike(Limit pool) {
    Random random = new Random(SEED);
    boolean calendar = pool instanceof FixedWindow w && w.window() instanceof Window.Calendar;
    long epoch = pool.windowMicros(START);
    long now = START;
    int guarantee = 1 + random.nextInt(2_000);
    int denials = 0;
    int borrowed = 0;
    int compared = 0;
    int timed = 0;
    int refunded = 0;
    for (int step = 0; step < STEPS; step++) {
      now += random.nextLong(1 + epoch / (random.nextInt(10) == 0 ? 2 : 60));
      if (!calendar && random.nextInt(50) == 0) {
        now -= random.nextLong(epoch / 4);
      }
      if (random.nextInt(300) == 0) {
        now += random.nextLong(4 * epoch);
      }
      if (random.nextInt(200) == 0) {
        guarantee = 1 + random.nextInt(random.nextInt(3) == 0 ? 10_000 : 1_500);
      }
      String tenant = "t" + (int) Math.abs(random.nextGaussian() * 5);
      int weight = 1 + tenant.charAt(1) % 3;
      SharedLimit limit =
          new SharedLimit(pool, new ShareTerms(guarantee, weight, random.nextInt(12) != 0), tenant);
      long cost =
          switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> random.nextLong(pool.limit() + 3);
            case 2 -> -random.nextLong(1 + pool.limit() / 4);
            default -> 1 + random.nextLong(1 + pool.limit() / 20);
          };
      boolean receipt = cost > 0 && random.nextInt(10) == 0;
      String label = "seed %d step %d %s asks %d at %d".formatted(SEED, step, limit, cost, now);
      Ledger.Decision expected =
          Ledger.whole(
              List.of(new Asked(limit, cost)),
              key -> states.getOrDefault(key, CounterState.ABSENT),
              now);
      states.putAll(expected.written());
      ScriptUnderTest.Ran ran = ran(limit, cost, receipt, now);
      Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran.reply()));
      reply.nextNumber();
      assertEquals(
          expected.admitted() ? Reply.Code.ADMITTED : Reply.Code.DENIED, reply.nextCode(), label);
      Outcome outcome = reply.nextOutcome();
      assertEquals(expected.outcomes().get(0), outcome, label);
      denials += expected.admitted() ? 0 : 1;
      borrowed += expected.admitted() && cost > SharedLimit.guaranteed(pool, guarantee) ? 1 : 0;
      CounterState state = states.getOrDefault(POOL, CounterState.ABSENT);
      assertEquals(SharedStates.sharers(state), hex(ran, 0), label);
      // The twin drops the records of those who are active no more; here they wait for their TTL.
      if (!SharedStates.tenant(state, tenant).isEmpty()) {
        assertEquals(SharedStates.tenant(state, tenant), hex(ran, 1), label);
        compared++;
      }
      long lasts = (SharedStates.endMicros(state) - now + 999) / 1_000;
      for (int i = 0; i < 2; i++) {
        // Without a TTL it was not written in this step: then the step before took that away.
        long ttl = ScriptUnderTest.now(ran.ttls().get(i));
        assertTrue(
            ttl < 0 || (ttl <= lasts && ttl >= lasts - ran.tookMillis()),
            "%s: TTL %d of %d".formatted(label, ttl, lasts));
        timed += ttl < 0 ? 0 : 1;
      }
      if (receipt && expected.admitted() && random.nextBoolean()) {
        now += random.nextLong(epoch);
        refunded += refund(expected, now, tenant, label);
      }
      if (random.nextInt(500) == 0) {
        script.delete(SHARERS);
        script.delete(POOL);
        script.flush();
        states.clear();
      }
    }
    assertTrue(
        denials > STEPS / 20
            && compared > STEPS / 2
            && timed > STEPS / 2
            && borrowed > 0
            && refunded > 0,
        "%d denials, %d borrowed, %d compared, %d refunded"
            .formatted(denials, borrowed, compared, refunded));
  }

  private int refund(Ledger.Decision decision, long now, String tenant, String label) {
    List<String> charged = script.charged(RECEIPT);
    if (charged.isEmpty()) {
      // A small charge is soon gone, and its record with it, by Redis's own time.
      return 0;
    }
    assertEquals(List.of(POOL, record(tenant)), charged, label);
    CounterState before = states.getOrDefault(POOL, CounterState.ABSENT);
    CounterState after = before.refund(Objects.requireNonNull(decision.charged().get(POOL)), now);
    states.put(POOL, after);
    ScriptUnderTest.Ran ran =
        script.refund(
            RECEIPT,
            charged,
            now,
            // What is watched stays: by Redis's own time a window of the test is soon over.
            List.of(SHARERS, record(tenant), POOL),
            Algorithm.TOKEN_BUCKET,
            Algorithm.TOKEN_BUCKET);
    script.flush();
    assertEquals(before.equals(after) ? 0 : 1, ScriptUnderTest.number(ran.reply()), label);
    assertEquals(SharedStates.tenant(after, tenant), hex(ran, 1), label + " and a refund");
    return 1;
  }

  private static String record(String tenant) {
    return POOL + "^share:" + tenant;
  }

  private static String hex(ScriptUnderTest.Ran ran, int at) {
    return String.join("", ScriptUnderTest.hex(ScriptUnderTest.now(ran.stored().get(at))));
  }

  private ScriptUnderTest.Ran ran(SharedLimit limit, long cost, boolean receipt, long now) {
    DecideArguments call = new DecideArguments(now);
    call.question(List.of(Role.ENFORCED), false, false, receipt);
    if (receipt) {
      call.receipt(RECEIPT);
    }
    call.counter(POOL, limit, cost);
    call.shared(SHARERS, record(limit.tenant()));
    ScriptUnderTest.Ran ran =
        script.decide(
            call,
            now,
            List.of(SHARERS, record(limit.tenant()), POOL),
            Algorithm.TOKEN_BUCKET,
            Algorithm.TOKEN_BUCKET);
    script.flush();
    return ran;
  }

  private record Asked(SharedLimit limit, long cost) implements Ledger.Entry {
    @Override
    public Role role() {
      return Role.ENFORCED;
    }

    @Override
    public String key() {
      return POOL;
    }
  }

  @Test
  void whoLooksAtAPoolAboveItsLimit_isToldTheSameByBoth() {
    ShareTerms terms = new ShareTerms(1_000, 1, true);
    SharedLimit before = new SharedLimit(TokenBucket.of(100, SECOND, 100), terms, "a");
    SharedLimit lowered = new SharedLimit(TokenBucket.of(50, SECOND, 50), terms, "a");
    ran(before, 80, false, START);
    CounterState state = before.decide(CounterState.ABSENT, 80, START).after();
    assertTrue(lowered.owed(state, START) > 0);
    Outcome told = lowered.decide(state, 0, START).outcome();
    assertTrue(told instanceof Outcome.Denied denied && denied.retryAfterMicros() > 0);
    Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran(lowered, 0, false, START).reply()));
    reply.nextNumber();
    assertEquals(Reply.Code.DENIED, reply.nextCode());
    assertEquals(told, reply.nextOutcome());
  }

  @Test
  void somethingElseIsStored_isNamedAndLeftAlone() {
    SharedLimit limit =
        new SharedLimit(TokenBucket.of(100, SECOND, 100), new ShareTerms(1_000, 1, true), "a");
    for (String key : List.of(SHARERS, record("a"))) {
      DecideArguments other = new DecideArguments(START);
      other.plainQuestion(key, FixedWindow.per(SECOND, 5), 1, 1);
      script.decide(other, START, List.of(key));
      script.flush();
      Reply reply = ScriptUnderTest.reply(ScriptUnderTest.now(ran(limit, 1, false, START).reply()));
      reply.nextNumber();
      assertEquals(Reply.Code.BROKEN, reply.nextCode());
      assertEquals(key, reply.nextText());
      script.delete(key);
      script.flush();
    }
  }
}
