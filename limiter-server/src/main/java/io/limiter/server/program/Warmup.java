package io.limiter.server.program;

import io.limiter.algorithm.TokenBucket;
import io.limiter.ledger.FailureMode;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Request;
import io.limiter.server.key.Keying;
import io.limiter.server.rules.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Asks questions that charge nothing before the gRPC port opens. The first questions load classes,
 * and scripts into Redis. That takes longer than a decision may, so the first callers would fail.
 */
final class Warmup {
  private static final int QUESTIONS = 200;

  /** After {@link #FAST_ANSWERS} answers in a row within this time, the service is warm. */
  private static final long FAST_NANOS = 5_000_000;

  private static final int FAST_ANSWERS = 50;

  private Warmup() {}

  /**
   * Warms up for at most {@code most}, also if Redis is away.
   *
   * @param connected whether Redis can be asked
   * @param load has Redis load the scripts
   */
  static void run(
      Limiter limiter,
      BooleanSupplier connected,
      Supplier<? extends CompletionStage<?>> load,
      Duration most) {
    long endNanos = System.nanoTime() + most.toNanos();
    try {
      while (!connected.getAsBoolean() && System.nanoTime() < endNanos) {
        Thread.sleep(5);
      }
      await(load.get(), endNanos - System.nanoTime());
      int fast = 0;
      for (int i = 0; (i < QUESTIONS || fast < FAST_ANSWERS) && connected.getAsBoolean(); i++) {
        long askedNanos = System.nanoTime();
        if (askedNanos >= endNanos) {
          return;
        }
        ask(limiter, endNanos - askedNanos);
        fast = System.nanoTime() - askedNanos < FAST_NANOS ? fast + 1 : 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void ask(Limiter limiter, long nanos) throws InterruptedException {
    await(limiter.decide(look()), nanos);
  }

  private static void await(CompletionStage<?> answer, long nanos) throws InterruptedException {
    try {
      answer.toCompletableFuture().get(nanos, TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Slow answers are why this runs. What is really wrong, the first callers and metrics show.
    }
  }

  private static Request look() {
    Rule rule =
        new Rule(
            "warm-up",
            List.of(),
            TokenBucket.of(1, 1_000_000, 1),
            Rule.Mode.ENFORCE,
            "",
            Keying.INLINE,
            FailureMode.LOCAL);
    return new Request("warm-up", Map.of(), 0, Map.of(), List.of(rule), false, "");
  }
}
