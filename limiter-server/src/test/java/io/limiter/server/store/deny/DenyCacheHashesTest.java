package io.limiter.server.store.deny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Outcome;
import io.limiter.server.key.CollidingTexts;
import io.limiter.server.key.SeededHash;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Stripes;
import io.limiter.server.store.StubCounterStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers choose the values that keys are made of, and so their {@link String#hashCode}. */
class DenyCacheHashesTest {
  private static final int COUNT = 1 << 12;
  private static final int MANY = 1 << 16;
  private static final FixedWindow DAY = FixedWindow.per(86_400_000_000L, 1);

  private static Charge charge(String value) {
    return new Charge.Whole(List.of(new Charge.Entry("limiter:{edge|x}:r:w:" + value, DAY, 1)));
  }

  private static DenyCache cache(long mostBytes) {
    Answer denied =
        new Answer.Decided(
            false,
            List.of(new Outcome.Denied(0, 86_400_000_000L, 86_400_000_000L)),
            0,
            /* receipt= */ null,
            /* replayed= */ false);
    return new DenyCache(
        StubCounterStore.answering(CompletableFuture.completedStage(denied)),
        Duration.ofMinutes(1),
        () -> 0,
        mostBytes);
  }

  /** A table that compares each with all takes minutes, and this one a second. */
  @Test
  @Timeout(120)
  void keysOfOneHash_areFoundInTheEnd() {
    DenyCache cache = cache(1L << 30);
    List<String> values = CollidingTexts.of(MANY);
    for (int round = 0; round < 4; round++) {
      for (String value : values) {
        var unused = cache.decide(charge(value));
      }
    }
    assertEquals(MANY, cache.size());
  }

  @Test
  void keysOfOneHash_shareNoGeneration() {
    Map<Integer, Long> stripes =
        CollidingTexts.of(COUNT).stream()
            .map(text -> Stripes.of(SeededHash.of(text)))
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    assertTrue(stripes.values().stream().allMatch(count -> count < 12), stripes::toString);
  }
}
