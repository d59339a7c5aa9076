package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Who left a question unanswered is told later whether Redis charged it. */
class PendingQuestionTest {
  private final StoreException late = new StoreException(StoreException.Kind.TIMEOUT, "late", null);
  private final StoreException broke =
      new StoreException(StoreException.Kind.UNAVAILABLE, "broke", null);
  private final StoreException full =
      new StoreException(StoreException.Kind.OUT_OF_MEMORY, "full", null);

  private final PendingQuestion question =
      new PendingQuestion(
          new Charge.Whole(List.of(new Charge.Entry("k", FixedWindow.per(1_000_000, 5), 1))),
          /* receipt= */ null,
          System.nanoTime(),
          /* replyExecutor= */ null);

  private StoreException failure() {
    CompletionException thrown = assertThrows(CompletionException.class, question::join);
    return assertInstanceOf(StoreException.class, thrown.getCause());
  }

  private CompletableFuture<Boolean> charged() {
    return Objects.requireNonNull(failure().charged()).toCompletableFuture();
  }

  @Test
  void whatWasNeverSent_wasNotCharged() {
    question.late(late);
    assertNull(failure().charged());
  }

  @Test
  void whatWasSent_isInDoubt_untilItsAnswerComes() {
    for (boolean answer : new boolean[] {true, false}) {
      PendingQuestionTest one = new PendingQuestionTest();
      one.question.sending();
      one.question.late(late);
      assertEquals("late", one.failure().getMessage());
      assertFalse(one.charged().isDone());
      one.question.foundOut(answer);
      assertEquals(answer, one.charged().join());
    }
  }

  @Test
  void whatWasVoid_orRedirected_wasNotCharged() {
    question.sending();
    question.foundOut(false);
    question.late(late);
    assertNull(failure().charged());
    PendingQuestionTest other = new PendingQuestionTest();
    other.question.sending();
    other.question.late(late);
    other.question.redirected();
    assertFalse(other.charged().join());
  }

  @Test
  void whenTheConnectionBreaks_nobodyWillKnow() {
    question.sending();
    question.failed(broke);
    assertTrue(charged().isCompletedExceptionally());
    PendingQuestionTest other = new PendingQuestionTest();
    other.question.sending();
    other.question.late(late);
    other.question.failed(broke);
    assertTrue(other.charged().isCompletedExceptionally());
  }

  @Test
  void whatRedisRefused_wasNotCharged() {
    question.sending();
    question.failed(full);
    assertNull(failure().charged());
    PendingQuestionTest other = new PendingQuestionTest();
    other.question.sending();
    other.question.late(late);
    other.question.failed(full);
    assertFalse(other.charged().join());
  }
}
