package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.LeakyBucket;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.SlidingLog;
import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.key.Receipt;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.table.RuleTable;
import io.limiter.server.store.Source;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StubCounterStore;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LimiterTest {
  private static final long HOUR_MICROS = 3_600_000_000L;
  private static final Map<String, String> ALICE = Map.of("user", "alice");

  private long nowMicros = 1_766_666_400_000_000L;
  private final LocalCounterStore store = new LocalCounterStore(() -> nowMicros);
  private final Heard heard = new Heard();

  @Test
  void noRule_isAdmittedWithoutAskingTheStore() {
    Limiter limiter = Limiters.over(new StubCounterStore(), heard);
    Verdict verdict = decide(limiter, request(1));
    assertEquals(new Verdict(true, List.of(), Source.NO_RULE, null), verdict);
    assertEquals(List.of(verdict), heard.decided);
  }

  @Test
  void anUnknownDomain_isAnsweredAsTheOperatorChose_withoutAskingTheStore() {
    Verdict admitted = new Verdict(true, List.of(), Source.UNKNOWN_DOMAIN, null);
    Verdict denied = new Verdict(false, List.of(), Source.UNKNOWN_DOMAIN, null);
    assertEquals(admitted, decide(ofNothing(UnknownDomain.ALLOW), request(1)));
    assertEquals(denied, decide(ofNothing(UnknownDomain.DENY), request(1)));
    assertEquals(List.of(admitted, denied), heard.decided);
    assertEquals(OptionalLong.empty(), denied.retryAfterMicros());
    CompletionException refused =
        assertThrows(
            CompletionException.class, () -> decide(ofNothing(UnknownDomain.ERROR), request(1)));
    assertEquals("domain", assertInstanceOf(DecisionException.class, refused.getCause()).field());
  }

  @Test
  void anUnknownDomain_isOfNoConcernToACallersOwnRules() {
    Request own =
        new Request(
            "nowhere",
            ALICE,
            1,
            Map.of(),
            List.of(rule("mine", fixed(5), Rule.Mode.ENFORCE)),
            false,
            "");
    Limiter limiter = new Limiter(() -> RuleTable.EMPTY, store, heard, UnknownDomain.DENY);
    assertEquals(Source.REDIS, decide(limiter, own).source());
  }

  private Limiter ofNothing(UnknownDomain unknown) {
    return new Limiter(() -> RuleTable.EMPTY, new StubCounterStore(), heard, unknown);
  }

  @Test
  void table_isReadOnceForAQuestion() {
    List<String> read = new ArrayList<>();
    Limiter limiter =
        new Limiter(
            () -> {
              read.add("once");
              return RuleTable.EMPTY;
            },
            store,
            heard);
    decide(limiter, request(1));
    assertEquals(List.of("once"), read);
  }

  @Test
  void statuses_areInTheDomainsOrder() {
    Limiter limiter =
        Limiters.over(
            store,
            heard,
            rule("a", fixed(5), Rule.Mode.SHADOW),
            rule("b", fixed(6), Rule.Mode.ENFORCE),
            rule("c", fixed(7), Rule.Mode.SHADOW),
            rule("d", fixed(8), Rule.Mode.ENFORCE));
    Verdict verdict = decide(limiter, request(2));
    assertEquals(
        List.of("a:3", "b:4", "c:5", "d:6"),
        verdict.statuses().stream()
            .map(status -> status.rule().name() + ":" + status.outcome().remaining())
            .toList());
    assertEquals(Source.REDIS, verdict.source());
    assertEquals(HOUR_MICROS, verdict.statuses().get(0).windowMicros());
  }

  @Test
  void shadowDenial_doesNotDeny() {
    Limiter limiter =
        Limiters.over(
            store,
            heard,
            rule("tried", fixed(1), Rule.Mode.SHADOW),
            rule("real", fixed(9), Rule.Mode.ENFORCE));
    Verdict verdict = decide(limiter, request(2));
    assertTrue(verdict.allowed());
    assertFalse(verdict.statuses().get(0).outcome().admits());
    assertEquals(OptionalLong.empty(), verdict.retryAfterMicros());
  }

  @Test
  void retryAfter_isWhenTheSameQuestionIsAdmitted() {
    Limiter limiter =
        Limiters.over(
            store,
            heard,
            rule("fast", TokenBucket.of(1, 1_000_000, 2), Rule.Mode.ENFORCE),
            rule("slow", TokenBucket.of(1, 10_000_000, 2), Rule.Mode.ENFORCE));
    assertTrue(decide(limiter, request(2)).allowed());
    long retryAfter = decide(limiter, request(2)).retryAfterMicros().orElseThrow();
    assertEquals(20_000_000, retryAfter);
    nowMicros += retryAfter - 1;
    assertFalse(decide(limiter, request(2)).allowed());
    nowMicros += 1;
    assertTrue(decide(limiter, request(2)).allowed());
  }

  @Test
  void delay_isTheQueueAhead() {
    Limiter limiter =
        Limiters.over(
            store, heard, rule("queue", LeakyBucket.of(1, 1_000_000, 5), Rule.Mode.ENFORCE));
    assertEquals(0, decide(limiter, request(2)).delayMicros());
    assertEquals(2_000_000, decide(limiter, request(1)).delayMicros());
  }

  @Test
  void unit_isChargedWhatItsCostSays_andNothingWithoutOne() {
    Rule tokens =
        new Rule(
            "tokens",
            List.of("user"),
            fixed(1000),
            Rule.Mode.ENFORCE,
            "tokens",
            Keying.PLAIN,
            FailureMode.LOCAL);
    Limiter limiter =
        Limiters.over(store, heard, tokens, rule("requests", fixed(10), Rule.Mode.ENFORCE));
    Verdict with =
        decide(
            limiter, new Request("edge", ALICE, 2, Map.of("tokens", 300L), List.of(), false, ""));
    assertEquals(700, with.statuses().get(0).outcome().remaining());
    assertEquals(8, with.statuses().get(1).outcome().remaining());
    Verdict without = decide(limiter, request(2));
    assertEquals(700, without.statuses().get(0).outcome().remaining());
    assertEquals(6, without.statuses().get(1).outcome().remaining());
  }

  @Test
  void inlineRules_replaceTheDomains() {
    Limiter limiter = Limiters.over(store, heard, rule("own", fixed(0), Rule.Mode.ENFORCE));
    Rule inline = inline("brought", fixed(3));
    Verdict verdict =
        decide(limiter, new Request("edge", ALICE, 1, Map.of(), List.of(inline), false, ""));
    assertTrue(verdict.allowed());
    assertEquals(List.of(inline), verdict.statuses().stream().map(s -> s.rule()).toList());
    assertFalse(decide(limiter, request(1)).allowed());
  }

  @Test
  void repetition_isChargedOnce() {
    Limiter limiter = Limiters.over(store, heard, rule("r", fixed(10), Rule.Mode.ENFORCE));
    Verdict first = decide(limiter, repeated("key", 4));
    assertEquals(first, decide(limiter, repeated("key", 4)));
    assertEquals(6, decide(limiter, request(0)).statuses().get(0).outcome().remaining());
  }

  @Test
  void repetitionWithAnotherCost_isRefusedByName() {
    Limiter limiter = Limiters.over(store, heard, rule("r", fixed(10), Rule.Mode.ENFORCE));
    decide(limiter, repeated("key", 4));
    DecisionException conflict =
        assertInstanceOf(DecisionException.class, failure(limiter.decide(repeated("key", 5))));
    assertEquals("idempotency_key", conflict.field());
    assertEquals(
        "idempotency_key \"key\" was used within the last minute for another question;"
            + " use a new key for each question",
        conflict.getMessage());
    assertEquals(List.of(FailureKind.CONFLICT), heard.failed);
  }

  @Test
  void repetitionUnderOtherRules_keepsTheAnswerWithoutStatuses() {
    Rule before = rule("r", fixed(10), Rule.Mode.ENFORCE);
    decide(Limiters.over(store, heard, before), repeated("key", 4));
    Limiter after = Limiters.over(store, heard, before, rule("added", fixed(1), Rule.Mode.ENFORCE));
    Verdict verdict = decide(after, repeated("key", 4));
    assertEquals(new Verdict(true, List.of(), Source.REDIS, null, verdict.nowMicros()), verdict);
  }

  @Test
  void receipt_givesBackTheCharge() {
    Limiter limiter = Limiters.over(store, heard, rule("r", fixed(10), Rule.Mode.ENFORCE));
    Verdict verdict = decide(limiter, new Request("edge", ALICE, 4, Map.of(), List.of(), true, ""));
    Receipt receipt = verdict.receipt();
    assertNotNull(receipt);
    assertTrue(limiter.refund(receipt).toCompletableFuture().join());
    assertFalse(limiter.refund(receipt).toCompletableFuture().join());
    assertEquals(10, decide(limiter, request(0)).statuses().get(0).outcome().remaining());
    assertNull(decide(limiter, request(1)).receipt());
  }

  @Test
  void reset_forgetsTheNamedRulesOfTheseAttributes() {
    Limiter limiter =
        Limiters.over(
            store,
            heard,
            rule("a", fixed(10), Rule.Mode.ENFORCE),
            rule("b", new SlidingLog(10, HOUR_MICROS), Rule.Mode.SHADOW));
    Map<String, String> bob = Map.of("user", "bob");
    decide(limiter, request(4));
    decide(limiter, new Request("edge", bob, 4, Map.of(), List.of(), false, ""));
    assertEquals(1, join(limiter.reset(new Selection("edge", ALICE, List.of("b")))));
    assertEquals(
        List.of(6L, 10L),
        decide(limiter, request(0)).statuses().stream().map(s -> s.outcome().remaining()).toList());
    assertEquals(1, join(limiter.reset(new Selection("edge", ALICE, List.of()))));
    assertEquals(2, join(limiter.reset(new Selection("edge", bob, List.of()))));
    assertEquals(0, join(limiter.reset(new Selection("nowhere", bob, List.of()))));
  }

  @Test
  void reset_forgetsCallersOwnRules_byTheirNameAndTheAttributesOfTheirKey() {
    Limiter limiter = Limiters.over(store, heard, rule("a", fixed(10), Rule.Mode.ENFORCE));
    Request own =
        new Request("edge", ALICE, 4, Map.of(), List.of(inline("mine", fixed(5))), false, "");
    decide(limiter, own);
    assertFalse(decide(limiter, own).allowed());
    Map<String, String> key = Map.of("user", ALICE.getOrDefault("user", ""));
    assertEquals(0, join(limiter.reset(new Selection("edge", key, List.of("~yours")))));
    assertEquals(1, join(limiter.reset(new Selection("edge", key, List.of("~mine")))));
    assertTrue(decide(limiter, own).allowed());
  }

  @Test
  void resetOfAnUnknownRule_isRefusedByNameAndResetsNothing() {
    Limiter limiter = Limiters.over(store, heard, rule("a", fixed(10), Rule.Mode.ENFORCE));
    decide(limiter, request(4));
    DecisionException unknown =
        assertInstanceOf(
            DecisionException.class,
            failure(limiter.reset(new Selection("edge", ALICE, List.of("a", "typo")))));
    assertEquals("rules[1]", unknown.field());
    assertEquals(
        "rules[1] \"typo\" is no rule of domain \"edge\" that applies to these attributes;"
            + " name one that does, and pass every attribute in its key",
        unknown.getMessage());
    assertEquals(6, decide(limiter, request(0)).statuses().get(0).outcome().remaining());
  }

  @Test
  void failure_isToldWhetherTheStoreThrowsOrFails() {
    StoreException away = new StoreException(StoreException.Kind.UNAVAILABLE, "away", null);
    Rule rule = rule("r", fixed(10), Rule.Mode.ENFORCE);
    Limiter failing =
        Limiters.over(StubCounterStore.answering(CompletableFuture.failedStage(away)), heard, rule);
    assertSame(away, failure(failing.decide(request(1))));
    Limiter throwing = Limiters.over(new StubCounterStore(), heard, rule);
    assertInstanceOf(IllegalStateException.class, failure(throwing.decide(request(1))));
    assertEquals(List.of(FailureKind.UNAVAILABLE, FailureKind.INTERNAL), heard.failed);
  }

  private static Rule rule(String name, Limit limit, Rule.Mode mode) {
    return new Rule(name, List.of("user"), limit, mode, "", Keying.PLAIN, FailureMode.LOCAL);
  }

  private static Rule inline(String name, Limit limit) {
    return new Rule(
        name, List.of("user"), limit, Rule.Mode.ENFORCE, "", Keying.INLINE, FailureMode.LOCAL);
  }

  private static Limit fixed(long limit) {
    return FixedWindow.per(HOUR_MICROS, limit);
  }

  private static Request request(long cost) {
    return new Request("edge", ALICE, cost, Map.of(), List.of(), false, "");
  }

  private static Request repeated(String key, long cost) {
    return new Request("edge", ALICE, cost, Map.of(), List.of(), false, key);
  }

  private static Verdict decide(Limiter limiter, Request request) {
    return join(limiter.decide(request));
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static @Nullable Throwable failure(CompletionStage<?> stage) {
    Throwable thrown =
        assertThrows(RuntimeException.class, () -> stage.toCompletableFuture().join());
    return thrown instanceof CompletionException ? thrown.getCause() : thrown;
  }

  /** Remembers what it was told. */
  private static final class Heard implements DecisionListener {
    private final List<Verdict> decided = new ArrayList<>();
    private final List<FailureKind> failed = new ArrayList<>();

    @Override
    public void decided(String domain, Verdict verdict, long tookNanos) {
      decided.add(verdict);
    }

    @Override
    public void failed(String domain, FailureKind kind, long tookNanos) {
      failed.add(kind);
    }
  }
}
