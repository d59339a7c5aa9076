package io.limiter.server.store.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.server.key.Receipt;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Charges;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which questions of a batch are asked as one, and in which order. */
class BatchTest {
  private static final Limit LIMIT = FixedWindow.per(1_000_000, 10);
  private static final Limit OTHER = FixedWindow.per(1_000_000, 11);

  private final Batch batch = new Batch(8, 0);
  private final List<PendingQuestion> added = new ArrayList<>();

  private void add(String key, Limit limit, long cost) {
    add(null, new Charge.Entry(key, limit, cost));
  }

  private void add(@Nullable Receipt receipt, Charge.Entry... entries) {
    Charge charge = Charges.of(Arrays.asList(entries), List.of(), receipt != null, null);
    PendingQuestion question = new PendingQuestion(charge, receipt, 0, null);
    added.add(question);
    batch.add(question);
  }

  /** What each place asks: its first key, and how often. */
  private List<String> places() {
    return batch.entries().stream()
        .map(one -> one.charge().entries().get(0).key() + " x " + one.times())
        .toList();
  }

  @Test
  void equalQuestions_areAskedAsOne_andAnsweredInTheirOrder() {
    add("a", LIMIT, 1);
    add("b", LIMIT, 1);
    add("a", LIMIT, 1);
    add("a", LIMIT, 1);
    assertEquals(List.of("a x 3", "b x 1"), places());
    assertEquals(4, batch.questions());
    BatchEntry first = batch.entries().get(0);
    assertSame(added.get(0), first.question(0));
    assertSame(added.get(2), first.question(1));
    assertSame(added.get(3), first.question(2));
  }

  @Test
  void anotherCostOrLimit_isAskedInItsTurn() {
    add("a", LIMIT, 1);
    add("a", LIMIT, 2);
    add("a", LIMIT, 1);
    add("a", OTHER, 1);
    add("a", OTHER, 1);
    assertEquals(List.of("a x 1", "a x 1", "a x 1", "a x 2"), places());
  }

  @Test
  void questionOfSeveralCounters_keepsItsPlaceAmongThoseOfEach() {
    add("a", LIMIT, 1);
    add("b", LIMIT, 1);
    add("c", LIMIT, 1);
    add(null, new Charge.Entry("x", LIMIT, 1), new Charge.Entry("b", LIMIT, 1));
    add("a", LIMIT, 1);
    add("b", LIMIT, 1);
    add("b", LIMIT, 1);
    assertEquals(List.of("a x 2", "b x 1", "c x 1", "x x 1", "b x 2"), places());
  }

  @Test
  void whatIsKeptOrGivesBack_isAskedAlone() {
    add(new Receipt(0, 1, 1), new Charge.Entry("a", LIMIT, 1));
    add(new Receipt(0, 1, 2), new Charge.Entry("a", LIMIT, 1));
    add("a", LIMIT, -1);
    add("a", LIMIT, -1);
    add("a", LIMIT, 1);
    assertEquals(List.of("a x 1", "a x 1", "a x 1", "a x 1", "a x 1"), places());
  }

  @Test
  void sumOfCosts_staysExact() {
    Limit huge = FixedWindow.per(1_000_000, Bounds.MAX_COUNT);
    add("a", huge, Bounds.MAX_PRODUCT / 2);
    add("a", huge, Bounds.MAX_PRODUCT / 2);
    add("a", huge, Bounds.MAX_PRODUCT / 2);
    assertEquals(List.of("a x 2", "a x 1"), places());
  }
}
