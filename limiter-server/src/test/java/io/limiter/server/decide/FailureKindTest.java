package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.store.GivenUpException;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.StubCounterStore;
import io.limiter.server.store.fallback.RuleFallback;
import io.limiter.server.store.local.LocalCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class FailureKindTest {
  private final List<FailureKind> failed = new ArrayList<>();
  private final DecisionListener listener =
      new DecisionListener() {
        @Override
        public void decided(String domain, Verdict verdict, long tookNanos) {}

        @Override
        public void failed(String domain, FailureKind kind, long tookNanos) {
          failed.add(kind);
        }
      };

  @Test
  void onlyAnotherQuestionsIdempotencyKey_isAConflict() {
    assertEquals(
        FailureKind.CONFLICT,
        FailureKind.of(DecisionException.conflict("idempotency_key", "used")));
    assertEquals(
        FailureKind.INVALID, FailureKind.of(DecisionException.invalid("domain", "descriptors")));
  }

  @Test
  void aQuestionOnADomainOfDescriptors_isCountedAsInvalid_notAsAConflict() {
    String file =
        """
        domain: mesh
        descriptors:
          - key: user
            rate_limit: {unit: minute, requests_per_unit: 1}
        """;
    LoadedRules rules = RuleFiles.load(List.of(new RuleFiles.Source("mesh.yaml", file)));
    Limiter limiter = new Limiter(rules::table, LocalCounters.now(), listener);
    Request question =
        new Request("mesh", Map.of("user", "alice"), 1, Map.of(), List.of(), false, "");
    CompletionException failure =
        assertThrows(
            CompletionException.class, () -> limiter.decide(question).toCompletableFuture().join());
    assertEquals(FailureKind.INVALID, FailureKind.of(failure));
    assertEquals(List.of(FailureKind.INVALID), failed);
  }

  @Test
  void theStoresKinds_areTold_alsoFromWithinAStagesException() {
    for (StoreException.Kind kind : StoreException.Kind.values()) {
      StoreException failure = new StoreException(kind, "away", null);
      assertEquals(kind.name(), FailureKind.of(failure).name());
      assertEquals(kind.name(), FailureKind.of(new CompletionException(failure)).name());
    }
  }

  /** Also where rules answer what this instance cannot take on: nobody would hear it. */
  @Test
  void whatItsCallerGaveUp_isCountedAsThat_andNoFallbackAnswersIt() {
    Limiter limiter =
        Limiters.over(
                StubCounterStore.answering(CompletableFuture.failedStage(new GivenUpException())),
                listener,
                new Rule(
                    "per-user",
                    List.of("user"),
                    FixedWindow.per(1_000_000, 1),
                    Rule.Mode.ENFORCE,
                    /* unit= */ "",
                    Keying.PLAIN,
                    FailureMode.OPEN))
            .fallingBackOn(new RuleFallback(() -> 0, () -> 1, /* onOverload= */ true));
    Request question =
        new Request(Limiters.DOMAIN, Map.of("user", "alice"), 1, Map.of(), List.of(), false, "");
    CompletionException failure =
        assertThrows(
            CompletionException.class, () -> limiter.decide(question).toCompletableFuture().join());
    assertInstanceOf(GivenUpException.class, failure.getCause());
    assertEquals(List.of(FailureKind.GIVEN_UP), failed);
  }

  @Test
  void anyOtherFailure_isInternal() {
    assertEquals(FailureKind.INTERNAL, FailureKind.of(new IllegalStateException("ours")));
    assertEquals(FailureKind.INTERNAL, FailureKind.of(new CompletionException("no cause", null)));
  }
}
