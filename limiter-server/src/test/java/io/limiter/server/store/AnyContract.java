package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.ledger.Role;
import io.limiter.server.key.Receipt;
import io.limiter.testing.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws of several questions of which at most one is charged, beside those of every store. Their
 * counters lie in one slot, or apart.
 */
public abstract class AnyContract extends RolesContract {
  private static final long YEAR = 366 * 86_400_000_000L;

  private final String unique = UUID.randomUUID().toString();

  private String key(boolean apart, int place) {
    return "limiter:{%s%s|}:rule:any:%d".formatted(unique, apart ? "-" + place : "", place);
  }

  private static Charge.Whole asking(String key, long limit, long cost) {
    return new Charge.Whole(List.of(new Charge.Entry(key, FixedWindow.per(YEAR, limit), cost)));
  }

  private Charge.Whole keyed(boolean apart, int place, String fingerprint, Charge.Entry... more) {
    String key = key(apart, place);
    List<Charge.Entry> entries = new ArrayList<>();
    entries.add(new Charge.Entry(key, FixedWindow.per(YEAR, 1), 1));
    entries.addAll(List.of(more));
    return new Charge.Whole(
        entries,
        /* wantReceipt= */ true,
        new Charge.Idempotency(
            key.substring(0, key.indexOf('}') + 1) + "!idempotency:k%d".formatted(place),
            fingerprint));
  }

  private Answer ask(Charge.Whole... alternatives) {
    return await(store().decide(new Charge.Any(List.of(alternatives))));
  }

  private long used(String key, long limit) {
    return limit - decide(asking(key, limit, 0)).outcomes().get(0).remaining();
  }

  @ParameterizedTest
  @EnumSource
  void any_chargesTheFirstThatAdmits_andTellsWhatThoseBeforeItSaid(Algorithm algorithm) {
    decide(entry(algorithm, "full", MOST));
    Limit limit = Limits.of(algorithm, 2, YEAR, /* rate= */ 1, YEAR);
    String other = key(/* apart= */ true, 1);
    Answer.Any any =
        (Answer.Any)
            ask(
                new Charge.Whole(List.of(entry(algorithm, "full", 1))),
                new Charge.Whole(List.of(new Charge.Entry(other, limit, 2))),
                new Charge.Whole(List.of(entry(algorithm, "third", 1))));
    assertEquals(1, any.chosen());
    assertEquals(2, any.decided().size());
    assertFalse(any.decided().get(0).admitted());
    assertTrue(any.last().outcomes().get(0).admits());
    assertEquals(0, any.last().outcomes().get(0).remaining());
    assertEquals(MOST, remaining(algorithm, "third"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void any_deniedByAll_chargesNone(boolean apart) {
    Charge.Entry free = new Charge.Entry(key(apart, 0), FixedWindow.per(YEAR, 5), 1);
    Charge.Entry full = new Charge.Entry(key(apart, 1), FixedWindow.per(YEAR, 5), 6);
    Answer.Any any =
        (Answer.Any) ask(new Charge.Whole(List.of(free, full)), asking(key(apart, 2), 1, 2));
    assertEquals(-1, any.chosen());
    assertEquals(2, any.decided().size());
    assertEquals(0, used(key(apart, 0), 5));
    assertEquals(0, used(key(apart, 2), 1));
  }

  @Test
  void any_mayNameOneCounterInEachOfItsAlternatives() {
    String shared = key(false, 0);
    Charge.Entry one = new Charge.Entry(shared, FixedWindow.per(YEAR, 3), 1);
    Answer.Any any =
        (Answer.Any)
            ask(
                new Charge.Whole(
                    List.of(one, new Charge.Entry(key(false, 1), FixedWindow.per(YEAR, 0), 1))),
                new Charge.Whole(List.of(one)));
    assertEquals(1, any.chosen());
    assertEquals(1, used(shared, 3));
  }

  /** By then an earlier one has room, and would be charged as well. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void repetitionOfAny_isAnsweredByTheOneThatWasCharged(boolean apart) {
    decide(asking(key(apart, 0), 1, 1));
    Charge.Whole[] asked = {keyed(apart, 0, "all"), keyed(apart, 1, "all"), keyed(apart, 2, "all")};
    Answer.Any first = (Answer.Any) ask(asked);
    assertEquals(1, first.chosen());
    await(store().reset(List.of(key(apart, 0))));
    Answer.Any again = (Answer.Any) ask(asked);
    assertEquals(1, again.chosen());
    assertEquals(1, again.from());
    assertTrue(again.last().replayed());
    assertEquals(first.last().receipt(), again.last().receipt());
    assertEquals(0, used(key(apart, 0), 1));
    assertEquals(0, used(key(apart, 2), 1));
    assertEquals(new Answer.Conflict(1), ask(keyed(apart, 0, "other"), keyed(apart, 1, "other")));
    assertEquals(0, used(key(apart, 0), 1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void receiptOfAny_givesBackTheOneThatWasCharged(boolean apart) {
    decide(asking(key(apart, 0), 1, 1));
    Answer.Any any = (Answer.Any) ask(keyed(apart, 0, "all"), keyed(apart, 1, "all"));
    @Nullable Receipt receipt = any.last().receipt();
    assertNotNull(receipt);
    assertTrue(await(store().refund(receipt)));
    assertEquals(0, used(key(apart, 1), 1));
    assertEquals(1, used(key(apart, 0), 1));
    assertFalse(await(store().refund(receipt)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void candidateOfADeniedAlternative_isCountedOnce(boolean apart) {
    decide(asking(key(apart, 0), 1, 1));
    String tried = key(apart, 0) + ":candidate";
    Charge.Whole denied =
        new Charge.Whole(
            List.of(
                new Charge.Entry(key(apart, 0), FixedWindow.per(YEAR, 1), 1),
                new Charge.Entry(Role.CANDIDATE, tried, FixedWindow.per(YEAR, 9), 1)));
    Answer.Any any = (Answer.Any) ask(denied, asking(key(apart, 1), 1, 1));
    assertEquals(1, any.chosen());
    assertEquals(1, used(tried, 9));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void callersAtOnce_fillEachAlternative_andNoneBeyond(boolean apart) {
    int[] limits = {100, 50, 10};
    AtomicIntegerArray chosen = new AtomicIntegerArray(4);
    ExecutorService callers = Executors.newFixedThreadPool(64);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      all.add(
          CompletableFuture.runAsync(
              () -> {
                Charge.Whole[] asked = new Charge.Whole[limits.length];
                for (int one = 0; one < limits.length; one++) {
                  asked[one] = asking(key(apart, one), limits[one], 1);
                }
                chosen.incrementAndGet(1 + ((Answer.Any) ask(asked)).chosen());
              },
              callers));
    }
    all.forEach(CompletableFuture::join);
    callers.shutdown();
    assertEquals("[240, 100, 50, 10]", chosen.toString());
    assertEquals(
        160,
        Arrays.stream(new int[] {0, 1, 2}).mapToLong(i -> used(key(apart, i), limits[i])).sum());
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
