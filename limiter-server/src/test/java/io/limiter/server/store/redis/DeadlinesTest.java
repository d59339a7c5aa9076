package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadlinesTest {
  /** As a connection's event loop: what has arrived is read before a task runs. */
  private final BlockingQueue<Runnable> eventLoop = new LinkedBlockingQueue<>();

  private final Deadlines deadlines =
      new Deadlines(Duration.ofMillis(100), Duration.ofSeconds(1), "redis://h:1", eventLoop::add);

  @AfterEach
  void close() {
    deadlines.close();
  }

  private PendingQuestion question(long waitNanos) {
    Charge charge = new Charge.Whole(List.of(), /* wantReceipt= */ false, null, waitNanos);
    return new PendingQuestion(charge, null, deadlines.next(waitNanos), null);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "999999, 0",
    "1000000, 1",
    "15999999, 15",
    "1000000000, 1000",
    "60000000000, 1000"
  })
  void aQuestion_waitsAsLongAsItsCaller_andNoLongerThanTheMost(long waitNanos, long millis) {
    long before = System.nanoTime();
    long left = deadlines.next(waitNanos) - before;
    assertTrue(left >= TimeUnit.MILLISECONDS.toNanos(millis));
    assertTrue(left - (System.nanoTime() - before) <= TimeUnit.MILLISECONDS.toNanos(millis));
  }

  @Test
  void aCallerThatDoesNotSay_waitsTheUsualTime() {
    long before = System.nanoTime();
    long left = deadlines.next(Charge.ANY_WAIT) - before;
    assertTrue(left >= TimeUnit.MILLISECONDS.toNanos(100));
    assertTrue(left - (System.nanoTime() - before) <= TimeUnit.MILLISECONDS.toNanos(100));
  }

  /** Or each caller's own deadline would be a line, and no room would be left for others. */
  @Test
  void howLongCallersWaited_isToldToThem_andMakesNoLineOfTheLog() {
    StoreException one = StoreException.timeout(Duration.ofMillis(4), "redis://h:1");
    StoreException other = StoreException.timeout(Duration.ofMillis(45), "redis://h:1");
    assertEquals(one.getMessage(), other.getMessage());
    assertTrue(other.told().startsWith("Redis did not answer within 45 ms;"), other::told);
  }

  @Test
  void whoeverWaitsShorter_failsFirst_whoeverCameFirst() throws Exception {
    List<Integer> failed = new ArrayList<>();
    List<PendingQuestion> questions = new ArrayList<>();
    for (int millis : new int[] {300, 3, 100, 3}) {
      PendingQuestion question = question(TimeUnit.MILLISECONDS.toNanos(millis));
      question.onLate(() -> failed.add(millis));
      deadlines.watch(question);
      questions.add(question);
    }
    while (!questions.get(0).isDone()) {
      eventLoop.take().run();
    }
    assertEquals(List.of(3, 3, 100, 300), failed);
    try {
      questions.get(0).join();
    } catch (CompletionException e) {
      StoreException late = assertInstanceOf(StoreException.class, e.getCause());
      assertEquals(StoreException.Kind.TIMEOUT, late.kind());
      assertTrue(late.told().contains("within 300 ms"), late::told);
    }
  }

  /** The timer fires, but the answer lies in the socket: it is read first. */
  @Test
  void anAnswerThatHasArrived_isUsed() throws Exception {
    AtomicInteger late = new AtomicInteger();
    PendingQuestion question = question(0);
    question.onLate(late::incrementAndGet);
    deadlines.watch(question);
    Runnable expiry = eventLoop.take();
    assertFalse(question.isDone(), "nothing fails before what has arrived is read");
    Answer.Decided answer = new Answer.Decided(true, List.of(), 0, null, false);
    question.complete(answer);
    expiry.run();
    assertEquals(answer, question.join());
    assertEquals(0, late.get());
  }

  /** Else a busy service would keep a second's questions for callers that wait a second. */
  @Test
  void whatIsAnswered_isNotKeptUntilItsDeadline() {
    long hour = TimeUnit.HOURS.toNanos(1);
    PendingQuestion waiting = question(hour);
    for (int i = 0; i < 10_000; i++) {
      PendingQuestion question = question(hour);
      deadlines.watch(question);
      question.complete(new Answer.Conflict());
    }
    assertTrue(deadlines.kept(hour) < 10, () -> deadlines.kept(hour) + " kept");
    deadlines.watch(waiting);
    deadlines.watch(question(hour));
    assertEquals(2, deadlines.kept(hour));
    deadlines.close();
    assertTrue(waiting.isCompletedExceptionally(), "what waits is watched on");
  }

  @Test
  void atTheEnd_whatWaitsFails() {
    PendingQuestion question = question(Charge.ANY_WAIT);
    deadlines.watch(question);
    deadlines.close();
    assertTrue(question.isCompletedExceptionally());
  }
}
