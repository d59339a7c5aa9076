package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.ConcurrencyLimit;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Ending;
import io.limiter.ledger.FailureMode;
import io.limiter.ledger.Held;
import io.limiter.ledger.Holding;
import io.limiter.ledger.Role;
import io.limiter.server.key.RecordKeys;
import io.limiter.testing.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws of holds, beside those of every store. Their counters lie in one slot, or apart; and
 * none of their limits gives anything back by itself while a test runs.
 */
public abstract class HoldContract extends AnyContract {
  private static final long YEAR = 366 * 86_400_000_000L;
  private static final long HOUR = 3_600_000_000L;
  private static final long LIMIT = 100;

  private final String unique = UUID.randomUUID().toString();

  private String key(Algorithm algorithm, int place) {
    return "limiter:{%s-%d|}:rule:%s:hold".formatted(unique, place, algorithm.letter());
  }

  private Charge.Entry holding(Algorithm algorithm, int place, long cost, long micros) {
    return holding(algorithm, place, cost, micros, Role.ENFORCED);
  }

  private Charge.Entry holding(Algorithm algorithm, int place, long cost, long micros, Role role) {
    return new Charge.Entry(
        role,
        key(algorithm, place),
        limit(algorithm),
        cost,
        FailureMode.LOCAL,
        /* lease= */ null,
        /* learns= */ false,
        new Holding(micros, /* chargedWhenExpired= */ false));
  }

  private static Limit limit(Algorithm algorithm) {
    return Limits.of(algorithm, LIMIT, YEAR, /* rate= */ 1, YEAR);
  }

  private Answer.Decided ask(Charge.Entry... entries) {
    return decide(new Charge.Whole(List.of(entries)));
  }

  private Ending.Result end(
      Ending.What what, Answer.Decided taken, List<Charge.Entry> entries, long... amounts) {
    return end(what, taken.holdName(), taken, entries, amounts);
  }

  private Ending.Result end(
      Ending.What what,
      String name,
      Answer.Decided taken,
      List<Charge.Entry> entries,
      long... amounts) {
    List<Ending.Hold> holds = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Held held = taken.held().get(i);
      holds.add(
          new Ending.Hold(
              entries.get(i).key(),
              entries.get(i).limit(),
              amounts.length == 0 ? 0 : amounts[i],
              what == Ending.What.EXTEND ? HOUR : 0,
              held.number(),
              held.expiresMicros()));
    }
    Answer answer =
        await(store().decide(new Charge.Ending(new Ending(what, name, holds), Charge.ANY_WAIT)));
    return ((Answer.Ended) answer).result();
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static Ending.State state(Ending.Result result) {
    return result.holds().get(0).state();
  }

  private long used(Algorithm algorithm, int place) {
    return LIMIT - ask(holding(algorithm, place, 0, 0)).outcomes().get(0).remaining();
  }

  private Held held(Algorithm algorithm, int place) {
    return ask(holding(algorithm, place, 0, 0)).held().get(0);
  }

  @ParameterizedTest
  @EnumSource
  void settledForLess_theRestIsFreeAtOnce(Algorithm algorithm) {
    Charge.Entry entry = holding(algorithm, 0, 60, HOUR);
    Answer.Decided taken = ask(entry);
    assertTrue(taken.admitted());
    assertEquals(60, taken.held().get(0).held());
    assertEquals(60, used(algorithm, 0));
    Ending.Result result = end(Ending.What.SETTLE, taken, List.of(entry), 10);
    assertEquals(Ending.State.ENDED, state(result));
    long left = algorithm == Algorithm.CONCURRENCY ? 0 : 10;
    assertEquals(LIMIT - left, result.holds().get(0).outcome().remaining());
    assertEquals(left, used(algorithm, 0));
    assertEquals(0, held(algorithm, 0).held());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONCURRENCY")
  void settledForMore_theRestIsOwed_andNobodyIsAdmittedUntilItHasDrained(Algorithm algorithm) {
    Charge.Entry entry = holding(algorithm, 0, 60, HOUR);
    Answer.Decided taken = ask(entry);
    Ending.Result result = end(Ending.What.SETTLE, taken, List.of(entry), 130);
    assertEquals(Ending.State.ENDED, state(result));
    assertEquals(30, result.holds().get(0).held().owed());
    Answer.Decided denied = ask(holding(algorithm, 0, 1, HOUR));
    assertFalse(denied.admitted());
    assertEquals(30, denied.held().get(0).owed());
    assertEquals(0, denied.held().get(0).held());
  }

  @ParameterizedTest
  @EnumSource
  void whatEndedIsToldSo_andChangesNothingAnyMore(Algorithm algorithm) {
    Charge.Entry entry = holding(algorithm, 0, 60, HOUR);
    Answer.Decided taken = ask(entry);
    end(Ending.What.SETTLE, taken, List.of(entry), 20);
    long used = used(algorithm, 0);
    for (Ending.What what : Ending.What.values()) {
      Ending.Result again = end(what, taken, List.of(entry), 5);
      assertEquals(Ending.State.ENDED_BEFORE, state(again), what.name());
      assertFalse(again.extended());
      assertEquals(used, used(algorithm, 0), what.name());
      assertEquals(0, again.holds().get(0).ended());
    }
  }

  @ParameterizedTest
  @EnumSource
  void released_itIsAsIfNothingHadBeenAsked(Algorithm algorithm) {
    // What a concurrency limit admits is always held.
    ask(holding(algorithm, 0, 7, algorithm == Algorithm.CONCURRENCY ? HOUR : 0));
    Charge.Entry entry = holding(algorithm, 0, 60, HOUR);
    Answer.Decided taken = ask(entry);
    assertEquals(Ending.State.ENDED, state(end(Ending.What.RELEASE, taken, List.of(entry))));
    assertEquals(7, used(algorithm, 0));
    assertTrue(ask(holding(algorithm, 0, LIMIT - 7, HOUR)).admitted());
  }

  @ParameterizedTest
  @EnumSource
  void extended_itHoldsMore_orIsRefusedWhole(Algorithm algorithm) {
    Charge.Entry entry = holding(algorithm, 0, 60, HOUR);
    Answer.Decided taken = ask(entry);
    Ending.Result more = end(Ending.What.EXTEND, taken, List.of(entry), 30);
    assertTrue(more.extended());
    assertEquals(90, more.holds().get(0).held().held());
    Ending.Result refused = end(Ending.What.EXTEND, taken, List.of(entry), 11);
    assertFalse(refused.extended());
    assertEquals(Ending.State.ENDED, state(refused));
    assertEquals(10, refused.holds().get(0).outcome().remaining());
    assertEquals(90, held(algorithm, 0).held());
    Ending.Result released = end(Ending.What.RELEASE, taken, List.of(entry));
    assertEquals(90, released.holds().get(0).ended());
    // A log gives back what was charged at one time, which is when the hold grew.
    long stays = algorithm == Algorithm.SLIDING_LOG ? 60 : 0;
    assertTrue(used(algorithm, 0) <= stays, () -> "used " + used(algorithm, 0));
    assertEquals(0, held(algorithm, 0).held());
  }

  @ParameterizedTest
  @EnumSource
  void expired_itsRoomIsBackWithTheNextQuestion_andALateSettlementIsChargedOnce(
      Algorithm algorithm) {
    Charge.Entry entry = holding(algorithm, 0, 60, 1_000);
    Answer.Decided taken = ask(entry);
    while (held(algorithm, 0).held() > 0) {
      Thread.onSpinWait();
    }
    assertEquals(0, used(algorithm, 0));
    Ending.Result late = end(Ending.What.SETTLE, taken, List.of(entry), 25);
    assertEquals(Ending.State.EXPIRED, state(late));
    long charged = algorithm == Algorithm.CONCURRENCY ? 0 : 25;
    assertEquals(charged, used(algorithm, 0));
    Ending.Result again = end(Ending.What.SETTLE, taken, List.of(entry), 25);
    assertEquals(Ending.State.ENDED_BEFORE, state(again));
    assertEquals(charged, used(algorithm, 0));
  }

  @Test
  void whoHasAnotherName_endsNothing() {
    Charge.Entry entry = holding(Algorithm.TOKEN_BUCKET, 0, 60, HOUR);
    Answer.Decided taken = ask(entry);
    for (Ending.What what : Ending.What.values()) {
      Ending.Result result = end(what, "nobody-else", taken, List.of(entry), 0);
      assertNotEquals(Ending.State.ENDED, state(result));
      assertFalse(result.extended());
      assertEquals(60, used(Algorithm.TOKEN_BUCKET, 0));
    }
  }

  @Test
  void whatWasReset_isNotKnown_andNothingIsChargedForIt() {
    Charge.Entry entry = holding(Algorithm.SLIDING_LOG, 0, 60, HOUR);
    Answer.Decided taken = ask(entry);
    List<String> keys = new ArrayList<>(List.of(entry.key()));
    keys.addAll(RecordKeys.book(entry.key()));
    assertEquals(1, await(store().reset(keys)));
    Ending.Result result = end(Ending.What.SETTLE, taken, List.of(entry), 60);
    assertEquals(Ending.State.UNKNOWN, state(result));
    assertEquals(0, used(Algorithm.SLIDING_LOG, 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void severalCounters_holdAndEndTogether(boolean apart) {
    List<Charge.Entry> entries =
        List.of(
            holding(Algorithm.TOKEN_BUCKET, 0, 60, HOUR),
            holding(Algorithm.FIXED_WINDOW, apart ? 1 : 0, 40, HOUR),
            holding(Algorithm.CONCURRENCY, apart ? 2 : 0, 1, HOUR));
    Answer.Decided taken = decide(new Charge.Whole(entries));
    assertTrue(taken.admitted());
    assertEquals(List.of(60L, 40L, 1L), taken.held().stream().map(Held::held).toList());
    Ending.Result more = end(Ending.What.EXTEND, taken, entries, 10, 20, 0);
    assertTrue(more.extended());
    Ending.Result done = end(Ending.What.SETTLE, taken, entries, 5, 70, 0);
    assertTrue(done.holds().stream().allMatch(one -> one.state() == Ending.State.ENDED));
    assertEquals(5, used(Algorithm.TOKEN_BUCKET, 0));
    assertEquals(70, used(Algorithm.FIXED_WINDOW, apart ? 1 : 0));
    assertEquals(0, used(Algorithm.CONCURRENCY, apart ? 2 : 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDenial_holdsNothingAnywhere(boolean apart) {
    int other = apart ? 1 : 0;
    ask(holding(Algorithm.FIXED_WINDOW, other, LIMIT, HOUR));
    ask(holding(Algorithm.FIXED_WINDOW, other + 3, LIMIT, HOUR));
    Answer.Decided denied =
        ask(
            holding(Algorithm.TOKEN_BUCKET, 0, 60, HOUR),
            holding(Algorithm.FIXED_WINDOW, other, 1, HOUR),
            holding(Algorithm.TOKEN_BUCKET, apart ? 2 : 3, 60, HOUR, Role.SHADOW));
    assertFalse(denied.admitted());
    assertEquals(0, held(Algorithm.TOKEN_BUCKET, 0).held());
    assertEquals(0, used(Algorithm.TOKEN_BUCKET, 0));
    assertEquals(0, held(Algorithm.TOKEN_BUCKET, apart ? 2 : 3).held());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void askedAgainUnderItsKey_itIsTheSameHold(boolean apart) {
    List<Charge.Entry> entries =
        List.of(
            holding(Algorithm.TOKEN_BUCKET, 0, 30, HOUR),
            holding(Algorithm.FIXED_WINDOW, apart ? 1 : 0, 40, HOUR));
    String key = entries.get(0).key();
    Charge.Whole keyed =
        new Charge.Whole(
            entries,
            /* wantReceipt= */ true,
            new Charge.Idempotency(
                key.substring(0, key.indexOf('}') + 1) + "!idempotency:k", "print"));
    Answer.Decided first = decide(keyed);
    Answer.Decided again = decide(keyed);
    assertNull(first.receipt(), "what is held goes back with its holds");
    assertTrue(again.replayed());
    assertEquals(first.holdName(), again.holdName());
    assertEquals(
        first.held().stream().map(Held::number).toList(),
        again.held().stream().map(Held::number).toList());
    assertEquals(30, used(Algorithm.TOKEN_BUCKET, 0));
    Ending.Result done = end(Ending.What.RELEASE, again, entries);
    assertTrue(done.holds().stream().allMatch(one -> one.state() == Ending.State.ENDED));
    assertEquals(0, used(Algorithm.TOKEN_BUCKET, 0));
    assertEquals(0, used(Algorithm.FIXED_WINDOW, apart ? 1 : 0));
  }

  @Test
  void aConcurrencyDenial_saysWhenEnoughHaveExpired() {
    ConcurrencyLimit limit = new ConcurrencyLimit(3, HOUR);
    String key = key(Algorithm.CONCURRENCY, 0);
    for (long seconds : List.of(30, 10, 20)) {
      ask(concurrent(key, limit, 1, seconds * 1_000_000));
    }
    assertWait(20, 10, ask(concurrent(key, limit, 2, HOUR)));
    assertWait(10, 5, ask(concurrent(key, limit, 1, HOUR)));
    assertWait(30, 20, ask(concurrent(key, limit, 3, HOUR)));
  }

  private static Charge.Entry concurrent(
      String key, ConcurrencyLimit limit, long cost, long micros) {
    return new Charge.Entry(
        Role.ENFORCED,
        key,
        new ConcurrencyLimit(limit.limit(), micros),
        cost,
        FailureMode.LOCAL,
        /* lease= */ null,
        /* learns= */ false,
        new Holding(micros, /* chargedWhenExpired= */ false));
  }

  private static void assertWait(long mostSeconds, long leastSeconds, Answer.Decided denied) {
    assertFalse(denied.admitted());
    long wait = ((Outcome.Denied) denied.outcomes().get(0)).retryAfterMicros();
    assertTrue(wait <= mostSeconds * 1_000_000 && wait > leastSeconds * 1_000_000, () -> "" + wait);
  }

  @Test
  void whatIsGivenBackOfAConcurrencyLimit_endsItsFirstHolds() {
    Charge.Entry entry = holding(Algorithm.CONCURRENCY, 0, 40, HOUR);
    ask(entry);
    ask(entry);
    ask(holding(Algorithm.CONCURRENCY, 0, -50, HOUR));
    assertEquals(30, used(Algorithm.CONCURRENCY, 0));
    assertEquals(30, held(Algorithm.CONCURRENCY, 0).held());
  }

  /** Those that ended by themselves are dropped with the first, so all others move forward. */
  @Test
  void whatIsGivenBack_endsTheFirstHolds_alsoWhereSomeBehindThemHaveEnded() {
    Charge.Entry one = holding(Algorithm.CONCURRENCY, 0, 1, HOUR);
    List<Answer.Decided> taken = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      taken.add(ask(one));
    }
    for (int i = 1; i < 6; i++) {
      assertEquals(Ending.State.ENDED, state(end(Ending.What.RELEASE, taken.get(i), List.of(one))));
    }
    assertEquals(3, held(Algorithm.CONCURRENCY, 0).held());
    Answer.Decided givenBack = ask(holding(Algorithm.CONCURRENCY, 0, -2, HOUR));
    assertTrue(givenBack.admitted());
    assertEquals(1, held(Algorithm.CONCURRENCY, 0).held());
    assertEquals(
        Ending.State.ENDED_BEFORE, state(end(Ending.What.RELEASE, taken.get(6), List.of(one))));
    assertEquals(Ending.State.ENDED, state(end(Ending.What.RELEASE, taken.get(7), List.of(one))));
    assertEquals(0, held(Algorithm.CONCURRENCY, 0).held());
  }

  @Test
  void ofAlternatives_theChosenOneHolds() {
    ask(holding(Algorithm.FIXED_WINDOW, 0, LIMIT, HOUR));
    List<Charge.Whole> alternatives =
        List.of(
            new Charge.Whole(List.of(holding(Algorithm.FIXED_WINDOW, 0, 1, HOUR))),
            new Charge.Whole(List.of(holding(Algorithm.TOKEN_BUCKET, 0, 1, HOUR))));
    Answer.Any any = (Answer.Any) await(store().decide(new Charge.Any(alternatives)));
    assertEquals(1, any.chosen());
    assertEquals(1, any.last().held().get(0).held());
    assertEquals(1, used(Algorithm.TOKEN_BUCKET, 0));
    Ending.Result done = end(Ending.What.RELEASE, any.last(), alternatives.get(1).entries());
    assertEquals(Ending.State.ENDED, state(done));
  }

  @Test
  void neverAreMoreHeldThanTheLimit_whoeverComesAndGoes() throws Exception {
    int limit = 7;
    ConcurrencyLimit concurrency = new ConcurrencyLimit(limit, HOUR);
    String key = key(Algorithm.CONCURRENCY, 0);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(32);
    try {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int j = 0; j < 40; j++) {
                    if (comeAndGo(concurrent(key, concurrency, 1, HOUR), inside, most)) {
                      done.incrementAndGet();
                    }
                  }
                },
                callers));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).get();
    } finally {
      callers.shutdownNow();
    }
    assertTrue(most.get() <= limit, () -> most + " at once");
    assertTrue(done.get() > 0);
    Answer.Decided look = ask(concurrent(key, concurrency, limit, HOUR));
    assertTrue(look.admitted(), () -> "still held: " + look.held());
  }

  private boolean comeAndGo(Charge.Entry entry, AtomicInteger inside, AtomicInteger most) {
    Answer.@Nullable Decided taken = ask(entry);
    if (!taken.admitted()) {
      return false;
    }
    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
    inside.decrementAndGet();
    end(Ending.What.RELEASE, taken, List.of(entry));
    return true;
  }
}
