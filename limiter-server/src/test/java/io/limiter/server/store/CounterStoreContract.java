package io.limiter.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.server.key.Receipt;
import io.limiter.testing.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws of every {@link CounterStore}. Windows are long and rates slow, so that the laws hold
 * while time goes on; keys are new for each test, so that stores may be shared.
 */
public abstract class CounterStoreContract {
  private static final long DAY_MICROS = 86_400_000_000L;
  private static final long WINDOW_MICROS = 366 * DAY_MICROS;
  static final int MOST = 10;
  private static final List<Algorithm> ALL = List.of(Algorithm.values());

  private final String unique = UUID.randomUUID().toString();

  /** The store under test. */
  protected abstract CounterStore store();

  @ParameterizedTest
  @EnumSource
  void charge_isCounted(Algorithm algorithm) {
    assertEquals(MOST - 3, admitted(decide(entry(algorithm, 3))).remaining());
    assertEquals(MOST - 7, admitted(decide(entry(algorithm, 4))).remaining());
    assertEquals(MOST - 7, remaining(algorithm));
  }

  @ParameterizedTest
  @EnumSource
  void charge_reachesTheLimitAndNotBeyond(Algorithm algorithm) {
    for (int i = 0; i < MOST; i++) {
      assertEquals(MOST - 1 - i, admitted(decide(entry(algorithm, 1))).remaining());
    }
    Answer.Decided beyond = decide(entry(algorithm, 1));
    assertFalse(beyond.admitted());
    Outcome.Denied denied = assertInstanceOf(Outcome.Denied.class, beyond.outcomes().get(0));
    assertEquals(0, denied.remaining());
    assertTrue(denied.retryAfterMicros() > 0, () -> denied.toString());
  }

  @ParameterizedTest
  @EnumSource
  void unitsAtOnce_areUnitsOneByOne(Algorithm algorithm) {
    decide(entry(algorithm, "at once", 7));
    for (int i = 0; i < 7; i++) {
      decide(entry(algorithm, "one by one", 1));
    }
    for (int cost : new int[] {0, 3, 1}) {
      Answer.Decided atOnce = decide(entry(algorithm, "at once", cost));
      Answer.Decided oneByOne = decide(entry(algorithm, "one by one", cost));
      assertEquals(atOnce.admitted(), oneByOne.admitted(), "cost " + cost);
      assertEquals(
          atOnce.outcomes().get(0).remaining(),
          oneByOne.outcomes().get(0).remaining(),
          "cost " + cost);
    }
  }

  /** So whoever may fill less is denied, and leaves the rest to those who may fill more. */
  @ParameterizedTest
  @EnumSource
  void partOfALimit_isFilledOnTheSameCounter(Algorithm algorithm) {
    Limit whole = limit(algorithm);
    Limit half = whole.upTo(MOST / 2);
    String key = key(algorithm, "shared");
    for (int i = 0; i < MOST / 2; i++) {
      assertTrue(decide(new Charge.Entry(key, half, 1)).admitted());
    }
    Answer.Decided denied = decide(new Charge.Entry(key, half, 1));
    assertFalse(denied.admitted());
    long wait = ((Outcome.Denied) denied.outcomes().get(0)).retryAfterMicros();
    assertTrue(wait > 0);
    for (int i = 0; i < MOST / 2; i++) {
      assertEquals(MOST / 2 - 1 - i, admitted(decide(new Charge.Entry(key, whole, 1))).remaining());
    }
    assertFalse(decide(new Charge.Entry(key, whole, 1)).admitted());
    assertInstanceOf(
        Outcome.Never.class, decide(new Charge.Entry(key, half, MOST / 2 + 1)).outcomes().get(0));
  }

  @ParameterizedTest
  @EnumSource
  void costZero_looksAndWritesNothing(Algorithm algorithm) {
    assertEquals(MOST, admitted(decide(entry(algorithm, 0))).remaining());
    assertEquals(0, await(store().reset(List.of(key(algorithm, "")))));
  }

  @ParameterizedTest
  @EnumSource
  void costAboveTheLimit_isNeverAdmitted(Algorithm algorithm) {
    Answer.Decided answer = decide(entry(algorithm, MOST + 1));
    assertFalse(answer.admitted());
    assertInstanceOf(Outcome.Never.class, answer.outcomes().get(0));
    assertEquals(MOST, remaining(algorithm));
    assertEquals(0, await(store().reset(List.of(key(algorithm, "")))));
  }

  @ParameterizedTest
  @EnumSource
  void denial_chargesNothing(Algorithm algorithm) {
    decide(entry(algorithm, 8));
    assertFalse(decide(entry(algorithm, 3)).admitted());
    assertEquals(2, remaining(algorithm));
  }

  @ParameterizedTest
  @EnumSource
  void denialByOneOfFive_chargesNone(Algorithm denying) {
    decide(entry(denying, 9));
    List<Charge.Entry> all = ALL.stream().map(each -> entry(each, 2)).toList();
    Answer.Decided answer = decide(charge(all, List.of()));
    assertFalse(answer.admitted());
    for (Algorithm each : ALL) {
      Outcome outcome = answer.outcomes().get(ALL.indexOf(each));
      assertEquals(each != denying, outcome.admits(), each.label());
      // What is reported is what is there: nothing was charged.
      assertEquals(each == denying ? 1 : MOST, outcome.remaining(), each.label());
      assertEquals(each == denying ? 1 : MOST, remaining(each), each.label());
    }
    List<String> others =
        ALL.stream().filter(each -> each != denying).map(each -> key(each, "")).toList();
    assertEquals(0, await(store().reset(others)), "a denial writes nothing");
  }

  @Test
  void admissionByAllFive_chargesAll() {
    List<Charge.Entry> all = ALL.stream().map(each -> entry(each, 1 + ALL.indexOf(each))).toList();
    Answer.Decided answer = decide(charge(all, List.of()));
    assertTrue(answer.admitted());
    for (Algorithm each : ALL) {
      int left = MOST - 1 - ALL.indexOf(each);
      assertEquals(left, answer.outcomes().get(ALL.indexOf(each)).remaining(), each.label());
      assertEquals(left, remaining(each), each.label());
    }
  }

  @ParameterizedTest
  @EnumSource
  void shadowDenial_doesNotDeny(Algorithm algorithm) {
    Charge.Entry enforced = entry(algorithm, "enforced", 3);
    Charge.Entry shadow = entry(algorithm, "shadow", MOST + 1);
    Answer.Decided answer = decide(charge(List.of(enforced), List.of(shadow)));
    assertTrue(answer.admitted());
    assertInstanceOf(Outcome.Never.class, answer.outcomes().get(1));
    assertEquals(MOST - 3, remaining(algorithm, "enforced"));
    assertEquals(MOST, remaining(algorithm, "shadow"));
  }

  @ParameterizedTest
  @EnumSource
  void shadow_isChargedWithAnAdmission(Algorithm algorithm) {
    Charge.Entry enforced = entry(algorithm, "enforced", 3);
    Charge.Entry shadow = entry(algorithm, "shadow", 4);
    Answer.Decided answer = decide(charge(List.of(enforced), List.of(shadow)));
    assertEquals(MOST - 4, answer.outcomes().get(1).remaining());
    assertEquals(MOST - 4, remaining(algorithm, "shadow"));
  }

  @ParameterizedTest
  @EnumSource
  void shadow_isNotChargedWithADenial(Algorithm algorithm) {
    Charge.Entry enforced = entry(algorithm, "enforced", MOST + 1);
    Charge.Entry shadow = entry(algorithm, "shadow", 4);
    Answer.Decided answer = decide(charge(List.of(enforced), List.of(shadow)));
    assertFalse(answer.admitted());
    assertTrue(answer.outcomes().get(1).admits());
    assertEquals(MOST, answer.outcomes().get(1).remaining());
    assertEquals(MOST, remaining(algorithm, "shadow"));
  }

  @ParameterizedTest
  @EnumSource
  void shadowAlone_isAdmittedAndCharged(Algorithm algorithm) {
    Charge.Entry fits = entry(algorithm, "fits", 4);
    Charge.Entry tooMuch = entry(algorithm, "too much", MOST + 1);
    Answer.Decided answer = decide(charge(List.of(), List.of(tooMuch, fits)));
    assertTrue(answer.admitted());
    assertEquals(MOST - 4, remaining(algorithm, "fits"));
    assertEquals(MOST, remaining(algorithm, "too much"));
  }

  @ParameterizedTest
  @EnumSource
  void refund_givesBackOnce(Algorithm algorithm) {
    decide(entry(algorithm, 2));
    Receipt receipt = receipt(decide(withReceipt(entry(algorithm, 5))));
    assertEquals(MOST - 7, remaining(algorithm));
    assertTrue(await(store().refund(receipt)));
    assertEquals(MOST - 2, remaining(algorithm));
    assertFalse(await(store().refund(receipt)));
    assertEquals(MOST - 2, remaining(algorithm));
  }

  @Test
  void refund_givesBackAllThatWasCharged() {
    List<Charge.Entry> enforced = ALL.stream().map(each -> entry(each, 3)).toList();
    Charge.Entry shadow = entry(Algorithm.TOKEN_BUCKET, "shadow", 3);
    Receipt receipt =
        receipt(decide(Charges.of(enforced, List.of(shadow), /* wantReceipt= */ true, null)));
    assertTrue(await(store().refund(receipt)));
    for (Algorithm each : ALL) {
      assertEquals(MOST, remaining(each), each.label());
    }
    assertEquals(MOST, remaining(Algorithm.TOKEN_BUCKET, "shadow"));
  }

  @ParameterizedTest
  @EnumSource
  void refund_afterAReset_givesNothing(Algorithm algorithm) {
    Receipt receipt = receipt(decide(withReceipt(entry(algorithm, 5))));
    assertEquals(1, await(store().reset(List.of(key(algorithm, "")))));
    assertFalse(await(store().refund(receipt)));
    assertEquals(MOST, remaining(algorithm));
  }

  @ParameterizedTest
  @EnumSource
  void refund_isNeverAboveEmpty(Algorithm algorithm) {
    Receipt receipt = receipt(decide(withReceipt(entry(algorithm, 5))));
    await(store().reset(List.of(key(algorithm, ""))));
    decide(entry(algorithm, 1));
    await(store().refund(receipt));
    long remaining = remaining(algorithm);
    assertTrue(remaining == MOST || remaining == MOST - 1, () -> "remaining " + remaining);
    assertFalse(decide(entry(algorithm, MOST + 1)).admitted());
  }

  @Test
  void refund_ofAnUnknownReceipt_isFalse() {
    UUID random = UUID.randomUUID();
    Receipt foreign =
        new Receipt(16_383, random.getMostSignificantBits(), random.getLeastSignificantBits());
    assertFalse(await(store().refund(foreign)));
  }

  @ParameterizedTest
  @EnumSource
  void receipt_isGivenOnlyForACharge(Algorithm algorithm) {
    assertNull(decide(withReceipt(entry(algorithm, 0))).receipt(), "nothing charged");
    assertNull(decide(withReceipt(entry(algorithm, MOST + 1))).receipt(), "denied");
    assertNull(decide(entry(algorithm, 1)).receipt(), "not asked for");
    Receipt one = receipt(decide(withReceipt(entry(algorithm, 1))));
    Receipt two = receipt(decide(withReceipt(entry(algorithm, 1))));
    assertNotEquals(one, two);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void repetition_getsTheFirstAnswerAndIsNotChargedAgain(boolean wantReceipt) {
    List<Charge.Entry> enforced = ALL.stream().map(each -> entry(each, 3)).toList();
    List<Charge.Entry> shadow =
        List.of(
            entry(Algorithm.TOKEN_BUCKET, "shadow", 3),
            entry(Algorithm.SLIDING_LOG, "shadow", MOST + 1));
    Charge charge = Charges.of(enforced, shadow, wantReceipt, idempotency("same"));
    Answer.Decided first = decide(charge);
    decide(entry(Algorithm.FIXED_WINDOW, 1));
    Answer.Decided again = decide(charge);
    assertFalse(first.replayed());
    assertTrue(again.replayed());
    assertTrue(again.admitted());
    assertEquals(first.outcomes(), again.outcomes());
    assertEquals(first.nowMicros(), again.nowMicros());
    assertEquals(first.receipt(), again.receipt());
    assertEquals(MOST - 4, remaining(Algorithm.FIXED_WINDOW));
    assertEquals(MOST - 3, remaining(Algorithm.SLIDING_LOG));
    assertEquals(MOST - 3, remaining(Algorithm.TOKEN_BUCKET, "shadow"));
  }

  @Test
  void repetition_underOtherRules_keepsTheAnswerWithoutOutcomes() {
    Charge.Entry first = entry(Algorithm.FIXED_WINDOW, 1);
    Charge.Entry added = entry(Algorithm.SLIDING_LOG, 1);
    decide(Charges.of(List.of(first), List.of(), false, idempotency("same")));
    Answer.Decided again =
        decide(Charges.of(List.of(first, added), List.of(), false, idempotency("same")));
    assertTrue(again.replayed());
    assertTrue(again.admitted());
    assertEquals(List.of(), again.outcomes());
    assertEquals(MOST, remaining(Algorithm.SLIDING_LOG));
  }

  @Test
  void sameIdempotencyKeyForAnotherQuestion_isAConflictAndChargesNothing() {
    Charge.Entry entry = entry(Algorithm.FIXED_WINDOW, 1);
    decide(Charges.of(List.of(entry), List.of(), false, idempotency("one")));
    Answer other =
        await(store().decide(Charges.of(List.of(entry), List.of(), false, idempotency("another"))));
    assertInstanceOf(Answer.Conflict.class, other);
    assertEquals(MOST - 1, remaining(Algorithm.FIXED_WINDOW));
  }

  @Test
  void denial_isNotKept() {
    Charge.Entry entry = entry(Algorithm.FIXED_WINDOW, 4);
    decide(entry(Algorithm.FIXED_WINDOW, 7));
    Charge charge = Charges.of(List.of(entry), List.of(), false, idempotency("same"));
    assertFalse(decide(charge).admitted());
    await(store().reset(List.of(entry.key())));
    Answer.Decided again = decide(charge);
    assertTrue(again.admitted());
    assertFalse(again.replayed());
  }

  @Test
  void reset_countsWhatWasThere() {
    decide(entry(Algorithm.FIXED_WINDOW, 3));
    decide(entry(Algorithm.SLIDING_LOG, 3));
    List<String> keys = new ArrayList<>();
    for (Algorithm each : ALL) {
      keys.add(key(each, ""));
    }
    assertEquals(2, await(store().reset(keys)));
    assertEquals(MOST, remaining(Algorithm.FIXED_WINDOW));
    assertEquals(MOST, remaining(Algorithm.SLIDING_LOG));
    assertEquals(0, await(store().reset(keys)));
    assertEquals(0, await(store().reset(List.of())));
  }

  private Charge.Idempotency idempotency(String fingerprint) {
    return new Charge.Idempotency("limiter:{" + unique + "|}:idempotency", fingerprint);
  }

  final Answer.Decided decide(Charge.Entry entry) {
    return decide(charge(List.of(entry), List.of()));
  }

  final Answer.Decided decide(Charge charge) {
    return assertInstanceOf(Answer.Decided.class, await(store().decide(charge)));
  }

  private long remaining(Algorithm algorithm) {
    return remaining(algorithm, "");
  }

  final long remaining(Algorithm algorithm, String name) {
    return decide(entry(algorithm, name, 0)).outcomes().get(0).remaining();
  }

  private Charge.Entry entry(Algorithm algorithm, long cost) {
    return entry(algorithm, "", cost);
  }

  final Charge.Entry entry(Algorithm algorithm, String name, long cost) {
    return new Charge.Entry(key(algorithm, name), limit(algorithm), cost);
  }

  /** All keys of a test share a slot, so that a cluster can decide them in one go. */
  private String key(Algorithm algorithm, String name) {
    return "limiter:{%s|}:rule:%s:%s".formatted(unique, algorithm.letter(), name);
  }

  private static Limit limit(Algorithm algorithm) {
    return Limits.of(algorithm, MOST, WINDOW_MICROS, /* rate= */ 1, DAY_MICROS);
  }

  private static Charge charge(List<Charge.Entry> enforced, List<Charge.Entry> shadow) {
    return Charges.of(enforced, shadow, /* wantReceipt= */ false, null);
  }

  private static Charge withReceipt(Charge.Entry entry) {
    return Charges.of(List.of(entry), List.of(), /* wantReceipt= */ true, null);
  }

  private static Receipt receipt(Answer.Decided answer) {
    Receipt receipt = answer.receipt();
    assertNotNull(receipt);
    return receipt;
  }

  private static Outcome.Admitted admitted(Answer.Decided answer) {
    assertTrue(answer.admitted(), () -> answer.toString());
    return assertInstanceOf(Outcome.Admitted.class, answer.outcomes().get(0));
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
