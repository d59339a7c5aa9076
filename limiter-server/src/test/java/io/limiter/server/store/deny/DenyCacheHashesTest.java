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

/** Callers choose the values that keys are made of, and so their {@link String#hashCode}. */
class DenyCacheHashesTest {
  private static final int COUNT = 1 << 12;
  private static final int MOST_TIMES_AS_LONG = 8;
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

  /** The shortest of five rounds through all of them, in nanoseconds. */
  private static long nanos(List<String> values) {
    DenyCache cache = cache(1L << 30);
    long shortest = Long.MAX_VALUE;
    for (int round = 0; round < 6; round++) {
      long begin = System.nanoTime();
      for (String value : values) {
        var unused = cache.decide(charge(value));
      }
      shortest = round == 0 ? shortest : Math.min(shortest, System.nanoTime() - begin);
    }
    assertEquals(COUNT, cache.size());
    return shortest;
  }

  @Test
  void keysOfOneHash_areFoundAboutAsFastAsOthers() {
    long plain = nanos(CollidingTexts.plain(COUNT));
    long colliding = nanos(CollidingTexts.of(COUNT));
    assertTrue(
        colliding < MOST_TIMES_AS_LONG * plain,
        () -> "%d µs of one hash, %d µs of any".formatted(colliding / 1000, plain / 1000));
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
