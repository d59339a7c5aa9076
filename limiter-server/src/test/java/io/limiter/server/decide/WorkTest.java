package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.ledger.FailureMode;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The counters that a question asks are counted before any is asked. */
class WorkTest {
  private final IllegalStateException tooMuch = new IllegalStateException("too much");

  private final List<Integer> taken = new ArrayList<>();
  private final List<FailureKind> failed = new ArrayList<>();
  private int left = Integer.MAX_VALUE;
  private int asked;

  private final Request.Work work =
      new Request.Work() {
        @Override
        public @Nullable RuntimeException refusal(int counters) {
          assertEquals(taken.size(), asked, "asked before it was counted");
          if (counters > left) {
            return tooMuch;
          }
          taken.add(counters);
          return null;
        }

        @Override
        public void giveBack(int counters) {
          assertTrue(taken.remove((Integer) counters));
        }
      };

  private final Limiter limiter =
      new Limiter(
          () ->
              Limiters.table(
                  Limiters.matching(
                      attributes ->
                          attributes.containsKey("user")
                              ? List.of(rule("a"), rule("b"), rule("c"))
                              : List.of())),
          new ForwardingCounterStore(new LocalCounterStore(() -> 1_800_000_000_000_000L)) {
            @Override
            public CompletionStage<Answer> decide(Charge charge) {
              asked++;
              return super.decide(charge);
            }
          },
          new DecisionListener() {
            @Override
            public void decided(String domain, Verdict verdict, long tookNanos) {}

            @Override
            public void failed(String domain, FailureKind kind, long tookNanos) {
              failed.add(kind);
            }
          });

  private static Rule rule(String name) {
    return new Rule(
        name,
        List.of("user"),
        FixedWindow.per(1_000_000, 5),
        Rule.Mode.ENFORCE,
        /* unit= */ "",
        Keying.PLAIN,
        FailureMode.LOCAL);
  }

  private Request request(Map<String, String> attributes, List<Rule> inline) {
    return new Request(
        "edge",
        attributes,
        1,
        Map.of(),
        inline,
        /* wantReceipt= */ false,
        /* idempotencyKey= */ "",
        /* priority= */ "",
        /* holdMicros= */ 0,
        Charge.ANY_WAIT,
        new Request.Owner("shop", 0, work));
  }

  private static @Nullable Throwable failure(CompletionStage<?> stage) {
    return assertThrows(CompletionException.class, () -> stage.toCompletableFuture().join())
        .getCause();
  }

  @Test
  void aQuestion_isCountedByItsCounters_andOfAlternativesByAll() {
    Request alice = request(Map.of("user", "alice"), List.of());
    assertTrue(limiter.decide(alice).toCompletableFuture().join().allowed());
    assertEquals(List.of(3), taken);
    var unused = limiter.decideAny(List.of(alice, alice)).toCompletableFuture().join();
    assertEquals(List.of(3, 6), taken);
  }

  /** Who refused it has said so: it is no failure of the service. */
  @Test
  void aQuestionThatIsRefused_asksNothing_andIsNoFailedDecision() {
    left = 2;
    assertSame(tooMuch, failure(limiter.decide(request(Map.of("user", "alice"), List.of()))));
    assertEquals(0, asked);
    assertEquals(List.of(), taken);
    assertEquals(List.of(), failed);
  }

  @Test
  void aQuestionWithoutCounters_countsNothing() {
    left = 0;
    assertTrue(limiter.decide(request(Map.of(), List.of())).toCompletableFuture().join().allowed());
  }

  @Test
  void whereThereIsNoRoomForItsOwnCounters_itsWorkIsGivenBack() {
    Limiter full = limiter.boundingInline(0);
    Request own = request(Map.of("user", "alice"), List.of(rule("own")));
    for (int i = 0; i < 3; i++) {
      assertInstanceOf(StoreException.class, failure(full.decide(own)));
    }
    assertEquals(List.of(), taken);
    assertEquals(0, asked);
  }
}
