package io.limiter.client.decorate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.client.CheckRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who waits goes by priority, then by arrival, and nobody is overtaken for ever. */
final class LineTest {
  private static final CheckRequest REQUEST = CheckRequest.in("up");
  private static final long HEAD_START = 10;

  private final Line line = new Line();
  private final List<Waiter> came = new ArrayList<>();

  private Waiter comes(Priority priority, long now, long end) {
    Waiter waiter = new Waiter(REQUEST, end, now - priority.headStarts() * HEAD_START, came.size());
    came.add(waiter);
    line.add(waiter);
    return waiter;
  }

  private List<Integer> order() {
    List<Integer> order = new ArrayList<>();
    for (Waiter next = line.poll(); next != null; next = line.poll()) {
      order.add(came.indexOf(next));
    }
    return order;
  }

  @Test
  void priorityComesFirst_thenArrival() {
    comes(Priority.LOW, 0, 99);
    comes(Priority.NORMAL, 1, 99);
    comes(Priority.HIGH, 2, 99);
    comes(Priority.HIGH, 2, 99);
    comes(Priority.NORMAL, 1, 99);
    assertEquals(List.of(2, 3, 1, 4, 0), order());
  }

  @Test
  void aLowOne_isOvertakenOnlyByThoseWithinTheHeadStart() {
    // Also where the clock's number overflows.
    for (long start : new long[] {0, Long.MAX_VALUE}) {
      came.clear();
      Waiter low = comes(Priority.LOW, start, start + 99);
      comes(Priority.HIGH, start + 2 * HEAD_START - 1, start + 99);
      comes(Priority.HIGH, start + 2 * HEAD_START + 1, start + 99);
      comes(Priority.NORMAL, start + HEAD_START + 1, start + 99);
      assertEquals(1, order().indexOf(came.indexOf(low)), "start " + start);
    }
  }

  @Test
  void whoLeft_isNotLetGo() {
    Waiter first = comes(Priority.NORMAL, 0, 99);
    Waiter second = comes(Priority.NORMAL, 0, 99);
    assertTrue(line.remove(first));
    assertTrue(!line.remove(first));
    second.room.cancel(false);
    assertNull(line.poll());
  }

  @Test
  void whoCannotWait_isTakenOut_andNobodyElse() {
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      comes(Priority.NORMAL, i, 1_000 + random.nextInt(100));
    }
    List<Waiter> late = line.late(one -> one.hashCode() % 2 == 0, 1_000, 50);
    for (Waiter one : came) {
      boolean isLate = one.hashCode() % 2 == 0 && one.endNanos < 1_050;
      assertEquals(isLate, late.contains(one));
      assertEquals(!isLate, one.queued);
    }
    assertEquals(300 - late.size(), line.size());
    assertEquals(300 - late.size(), order().size());
  }

  @Test
  void jitter_keepsThoseInTimeWhoAre() {
    assertTrue(line.jitterLeft(0, 50) > Long.MAX_VALUE / 4);
    comes(Priority.NORMAL, 0, 40);
    comes(Priority.NORMAL, 0, 70);
    comes(Priority.NORMAL, 0, 90);
    assertEquals(10, line.jitterLeft(0, 50));
  }
}
