package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.endpoint.RedisEndpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Questions on their way into batches, with a Redis that answers when the test wants it to. */
class BatcherTest {
  private static final long SEED = Long.getLong("limiter.test.seed", 20_261_127L);
  private static final long NOW = 1_766_666_400_000_000L;
  private static final Limit LIMIT = FixedWindow.per(1_000_000, 10);

  private static final int ROUNDS = 150_000;

  /** Small, so that batches are full and the queue overflows. */
  private static final RedisSettings SMALL =
      new RedisSettings(
          RedisEndpoint.parse("redis://nowhere"),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1),
          /* batchSize= */ 2,
          /* batchesInFlight= */ 2,
          /* queueSize= */ 16);

  /** The tasks of an event loop that nobody runs but the test. */
  private final Queue<Runnable> eventLoop = new ConcurrentLinkedQueue<>();

  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final AtomicInteger names = new AtomicInteger();

  /** A call of the script that Redis has not answered yet. */
  private record Call(int entries, CompletableFuture<Reply> reply) {}

  /** Answers every other call at once, as when there is no connection. */
  private CompletionStage<Reply> call(
      Scripts.Script script, List<String> keys, List<String> arguments) {
    Call call = new Call(keys.size(), new CompletableFuture<>());
    if (ThreadLocalRandom.current().nextBoolean()) {
      answer(call, ThreadLocalRandom.current());
    } else {
      calls.add(call);
    }
    return call.reply;
  }

  private static void answer(Call call, Random random) {
    int kind = random.nextInt(16);
    if (kind == 0) {
      call.reply.completeExceptionally(
          new StoreException(StoreException.Kind.UNAVAILABLE, "away", null));
      return;
    }
    Reply reply = new Reply();
    reply.add(NOW);
    // Kind 1 ends too early, and cannot be read.
    for (int i = kind == 1 ? 1 : 0; i < call.entries; i++) {
      if (kind == 2 && random.nextBoolean()) {
        reply.add(-4); // no window of the calendar covers the time that follows
        reply.add(NOW);
      } else if (kind == 3 && random.nextBoolean()) {
        reply.add(-7); // its time was over, as far as the clocks agree
      } else {
        reply.add(9);
        reply.add(1_000_000);
      }
    }
    call.reply.complete(reply);
  }

  private PendingQuestion question(boolean onEventLoop) {
    Charge charge =
        new Charge.Whole(List.of(new Charge.Entry("k" + names.incrementAndGet(), LIMIT, 1)));
    return new PendingQuestion(charge, null, Long.MAX_VALUE, onEventLoop ? eventLoop::add : null);
  }

  private boolean runOne() {
    Runnable task = eventLoop.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  private boolean answerOne(Random random) {
    Call call = calls.poll();
    if (call != null) {
      answer(call, random);
    }
    return call != null;
  }

  /**
   * One thread asks a few questions and then helps another one to answer them and to run the event
   * loop's tasks. A few only, since a later question would save one that is stranded. If both find
   * nothing to do and a question is not answered, nobody ever answers it.
   */
  @Test
  void noQuestionIsEverStranded() throws Exception {
    Batcher batcher =
        new Batcher(
            this::call,
            BatcherTest::refused,
            new RedisTime(),
            SMALL,
            StoreListener.NONE,
            Batcher.Redirects.NONE,
            eventLoop::add);
    AtomicInteger idle = new AtomicInteger();
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Void> helper =
        CompletableFuture.runAsync(
            () -> {
              Random random = new Random(SEED + 1);
              while (!ended.get()) {
                if (!step(random)) {
                  idle.incrementAndGet();
                }
              }
            });
    try {
      Random random = new Random(SEED);
      for (int round = 0; round < ROUNDS; round++) {
        List<PendingQuestion> asked = ask(batcher, random);
        int idleBefore = idle.get();
        while (!allDone(asked)) {
          if (step(random)) {
            idleBefore = idle.get();
          } else if (helper.isDone() || idle.get() > idleBefore + 1) {
            // The helper looked at everything after this thread had found nothing.
            String label = "seed %d round %d".formatted(SEED, round);
            assertTrue(!calls.isEmpty() || !eventLoop.isEmpty() || allDone(asked), label);
          }
        }
      }
    } finally {
      ended.set(true);
    }
    helper.get(1, TimeUnit.MINUTES);
    Random random = new Random(SEED);
    while (step(random)) {}
    assertTrue(batcher.strandsNothing());
  }

  /** Runs a task and answers a call, if there are any; whether there were. */
  private boolean step(Random random) {
    boolean ran = runOne();
    boolean answered = answerOne(random);
    return ran || answered;
  }

  /** Some with pauses between them, so that they meet others in every place. */
  private List<PendingQuestion> ask(Batcher batcher, Random random) {
    List<PendingQuestion> asked = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      PendingQuestion question = question(random.nextBoolean());
      asked.add(question);
      batcher.submit(question);
      if (random.nextInt(16) == 0) {
        question.completeExceptionally(new IllegalStateException("its deadline has passed"));
      }
      int pause = random.nextBoolean() ? 0 : random.nextInt(100);
      for (int spins = 0; spins < pause; spins++) {
        Thread.onSpinWait();
      }
    }
    return asked;
  }

  private static boolean allDone(List<PendingQuestion> asked) {
    return asked.stream().allMatch(CompletableFuture::isDone);
  }

  @Test
  void aBatchThatCannotBeSent_failsAndKeepsNoPlace() {
    AtomicInteger batches = new AtomicInteger();
    StoreListener throwing =
        new StoreListener() {
          @Override
          public void batchSent(int charges) {
            if (batches.incrementAndGet() == 1) {
              throw new IllegalStateException("cannot be sent");
            }
          }
        };
    Batcher batcher =
        new Batcher(
            this::call,
            BatcherTest::refused,
            new RedisTime(),
            SMALL,
            throwing,
            Batcher.Redirects.NONE,
            Runnable::run);
    PendingQuestion first = question(false);
    batcher.submit(first);
    assertEquals(StoreException.Kind.INTERNAL, failure(first).kind());

    PendingQuestion second = question(false);
    batcher.submit(second);
    while (answerOne(new Random(SEED))) {}
    assertTrue(second.isDone());
  }

  @Test
  void moreQuestionsThanTheQueueTakes_areOverload() {
    Batcher batcher =
        new Batcher(
            this::call,
            BatcherTest::refused,
            new RedisTime(),
            SMALL,
            StoreListener.NONE,
            Batcher.Redirects.NONE,
            eventLoop::add);
    for (int i = 0; i < SMALL.queueSize(); i++) {
      batcher.submit(question(false));
    }
    PendingQuestion tooMany = question(false);
    batcher.submit(tooMany);
    assertEquals(StoreException.Kind.OVERLOADED, failure(tooMany).kind());
  }

  private static StoreException refused(String said) {
    return new StoreException(StoreException.Kind.REFUSED, said, null);
  }

  private static StoreException failure(PendingQuestion question) {
    CompletionException failed = assertThrows(CompletionException.class, question::join);
    return assertInstanceOf(StoreException.class, failed.getCause());
  }
}
