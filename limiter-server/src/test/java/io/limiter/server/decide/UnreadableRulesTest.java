package io.limiter.server.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Rules;
import io.limiter.server.rules.RulesUnreadableException;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A domain whose rules cannot be read is never answered as if nothing limited it. */
class UnreadableRulesTest {
  private static final long NOW = 1_800_000_000_000_000L;
  private static final Rules UNREADABLE =
      new Rules() {
        @Override
        public Domain domain(String name) {
          throw new RulesUnreadableException(name, "edge.yaml");
        }

        @Override
        public Optional<String> nearest(String name) {
          return Optional.empty();
        }

        @Override
        public String hash() {
          return "";
        }
      };

  private final List<FailureKind> kinds = new ArrayList<>();
  private final Limiter limiter =
      new Limiter(
          () -> UNREADABLE,
          new LocalCounterStore(() -> NOW),
          new DecisionListener() {
            @Override
            public void decided(String domain, Verdict verdict, long tookNanos) {
              throw new AssertionError(verdict);
            }

            @Override
            public void failed(String domain, FailureKind kind, long tookNanos) {
              kinds.add(kind);
            }
          });

  private static void fails(CompletionStage<?> stage) {
    CompletionException failure =
        assertThrows(CompletionException.class, () -> stage.toCompletableFuture().join());
    assertInstanceOf(RulesUnreadableException.class, failure.getCause());
  }

  @Test
  void aDescriptorQuestion_fails_andIsCountedAsThat() {
    Descriptor.Entry entry = new Descriptor.Entry("a", "1");
    fails(
        limiter.decide(
            new DescriptorRequest(
                "edge",
                List.of(
                    new DescriptorRequest.DescriptorHits(new Descriptor(List.of(entry), null), 1)),
                DescriptorRequest.Leniency.SHADOW,
                /* chargeOnDeny= */ false)));
    assertEquals(List.of(FailureKind.RULES_UNREADABLE), kinds);
  }
}
