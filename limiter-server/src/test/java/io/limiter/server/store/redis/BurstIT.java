package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.Limit;
import io.limiter.algorithm.TokenBucket;
import io.limiter.server.store.Answer;
import io.limiter.testing.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Questions that a thread finds together are sent together. */
class BurstIT {
  private static final Limit LIMIT = TokenBucket.of(1, 3_600_000_000L, 1);

  private final BatchSizes batches = new BatchSizes();

  private static List<CompletionStage<Answer>> ask(StoreOnRedis redis, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> redis.store().decide(StoreOnRedis.charge("k%d:t".formatted(i), LIMIT, 1)))
        .toList();
  }

  @Test
  void questionsOfOneRead_leaveTogether() {
    ConcurrentLinkedQueue<Runnable> later = new ConcurrentLinkedQueue<>();
    Executor home = later::add;
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own, batches, () -> home)) {
      List<CompletionStage<Answer>> answers = ask(redis, 5);
      assertEquals(List.of(), batches.heard());

      StoreOnRedis.await(
          () -> {
            Runnable next = later.poll();
            if (next != null) {
              next.run();
            }
            return answers.stream().allMatch(answer -> answer.toCompletableFuture().isDone());
          });

      assertEquals(List.of(5), batches.heard());
    }
  }

  @Test
  void aThreadThatEnded_losesNoQuestion() {
    Executor ended =
        task -> {
          throw new RejectedExecutionException();
        };
    try (TestRedis own = TestRedis.own();
        StoreOnRedis redis = new StoreOnRedis(own, batches, () -> ended)) {
      List<Answer> answers = new ArrayList<>();
      ask(redis, 5).forEach(answer -> answers.add(StoreOnRedis.join(answer)));
      assertTrue(
          answers.stream().allMatch(a -> a instanceof Answer.Decided said && said.admitted()));
    }
  }
}
