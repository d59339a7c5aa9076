package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.script.Reply;
import io.limiter.server.fair.Caller;
import io.limiter.server.store.Charge;
import io.limiter.server.store.GivenUpException;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.endpoint.RedisEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who leaves for Redis, and in what order, while one batch at a time may. */
class DeparturesTest {
  private static final long NOW = 1_766_666_400_000_000L;
  private static final Limit LIMIT = FixedWindow.per(1_000_000, 10);

  private final Queue<Call> sent = new ConcurrentLinkedQueue<>();
  private final AtomicInteger names = new AtomicInteger();

  /** A call of the script that Redis has not answered yet. */
  private record Call(int entries, CompletableFuture<Reply> reply) {}

  /** With one batch in flight that nobody answers, a hundred questions of one caller wait. */
  @Test
  void oneCallersMany_waitInTurnWithOthersFew() {
    Batcher batcher = oneBatchAtATime();
    for (int i = 0; i < 100; i++) {
      batcher.submit(question(/* caller= */ 1));
    }
    PendingQuestion other = question(/* caller= */ 2);
    batcher.submit(other);
    for (int i = 0; i < 2; i++) {
      assertTrue(!other.isDone());
      decide(sent.remove());
    }
    assertTrue(other.isDone());
  }

  /** Who waits longer may be answered when the caller has gone, and is charged all the same. */
  @Test
  void whoseTurnComesAfterHalfOfTheirTime_isRefusedAtOnce() {
    Batcher batcher = oneBatchAtATime();
    for (int i = 0; i < 100; i++) {
      batcher.submit(question(/* caller= */ 1));
    }
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < TimeUnit.MILLISECONDS.toNanos(20)) {
      Thread.onSpinWait(); // that is what a batch takes
    }
    decide(sent.remove());
    PendingQuestion hasty = question(1, 1);
    batcher.submit(hasty);
    String why = failure(hasty).getMessage();
    Matcher takes = Pattern.compile("takes (\\d+) ms at its present pace").matcher(why);
    assertTrue(takes.find(), why);
    long aheadNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(takes.group(1)));
    assertTrue(aheadNanos > 0, why);

    PendingQuestion late = question(1, aheadNanos + aheadNanos / 2);
    batcher.submit(late);
    assertEquals(StoreException.Kind.OVERLOADED, failure(late).kind());
    PendingQuestion patient = question(1, 10_000 * aheadNanos);
    batcher.submit(patient);
    assertTrue(!patient.isDone());
  }

  private Batcher oneBatchAtATime() {
    RedisSettings roomy =
        new RedisSettings(
            RedisEndpoint.parse("redis://nowhere"),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            /* batchSize= */ 32,
            /* batchesInFlight= */ 1,
            /* queueSize= */ 1_000);
    return new Batcher(
        (script, keys, arguments) -> {
          Call call = new Call(keys.size(), new CompletableFuture<>());
          sent.add(call);
          return call.reply;
        },
        DeparturesTest::refused,
        new RedisTime(),
        roomy,
        StoreListener.NONE,
        Batcher.Redirects.NONE,
        Runnable::run);
  }

  private static void decide(Call call) {
    Reply reply = new Reply();
    reply.add(NOW);
    for (int entry = 0; entry < call.entries; entry++) {
      reply.add(9);
      reply.add(1_000_000);
    }
    call.reply.complete(reply);
  }

  @Test
  void whatItsCallerGaveUp_isNotSent() {
    Batcher batcher = oneBatchAtATime();
    AtomicBoolean gone = new AtomicBoolean();
    PendingQuestion first = question(/* caller= */ 1);
    PendingQuestion givenUp = question(new Asking(2, gone), Duration.ofDays(1).toNanos());
    PendingQuestion kept = question(/* caller= */ 2);
    batcher.submit(first);
    batcher.submit(givenUp);
    batcher.submit(kept);
    gone.set(true);
    decide(sent.remove());
    Call rest = sent.remove();
    assertEquals(1, rest.entries);
    CompletionException failed = assertThrows(CompletionException.class, givenUp::join);
    assertInstanceOf(GivenUpException.class, failed.getCause());
    decide(rest);
    assertTrue(first.isDone() && !first.isCompletedExceptionally());
    assertTrue(kept.isDone() && !kept.isCompletedExceptionally());
  }

  private PendingQuestion question(int caller) {
    return question(caller, Duration.ofDays(1).toNanos());
  }

  private PendingQuestion question(int caller, long waitNanos) {
    return question(new Asking(caller, new AtomicBoolean()), waitNanos);
  }

  private PendingQuestion question(Caller caller, long waitNanos) {
    Charge charge =
        new Charge.Whole(List.of(new Charge.Entry("k" + names.incrementAndGet(), LIMIT, 1)));
    return new PendingQuestion(charge, null, System.nanoTime() + waitNanos, null, caller);
  }

  private record Asking(int number, AtomicBoolean gone) implements Caller {
    @Override
    public boolean isGone() {
      return gone.get();
    }

    @Override
    public boolean isBulk() {
      return false;
    }
  }

  private static StoreException refused(String said) {
    return new StoreException(StoreException.Kind.REFUSED, said, null);
  }

  private static StoreException failure(PendingQuestion question) {
    CompletionException failed = assertThrows(CompletionException.class, question::join);
    return assertInstanceOf(StoreException.class, failed.getCause());
  }
}
