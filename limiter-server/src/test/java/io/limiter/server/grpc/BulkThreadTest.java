package io.limiter.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Connections have their batches served in turn. */
class BulkThreadTest {
  private final Queue<Runnable> thread = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();
  private final BulkThread one = new BulkThread(thread::add, Runnable::run);
  private final BulkThread other = new BulkThread(thread::add, Runnable::run);

  private void runAll() {
    for (Runnable next = thread.poll(); next != null; next = thread.poll()) {
      next.run();
    }
  }

  @Test
  void whoeverAsksForMuch_waitsForItself_andNobodyElseDoes() {
    one.execute(
        () -> {
          done.add("one 1");
          one.execute(() -> done.add("one 4"));
        });
    one.execute(() -> done.add("one 2"));
    one.execute(() -> done.add("one 3"));
    other.execute(() -> done.add("other"));
    runAll();
    assertEquals(List.of("one 1", "other", "one 2", "one 3", "one 4"), done);
  }

  @Test
  void aTaskThatFails_keepsNoOtherFromRunning() {
    one.execute(
        () -> {
          throw new IllegalStateException("failed");
        });
    one.execute(() -> done.add("next"));
    for (Runnable next = thread.poll(); next != null; next = thread.poll()) {
      try {
        next.run();
      } catch (IllegalStateException failed) {
        done.add("failed");
      }
    }
    one.execute(() -> done.add("later"));
    runAll();
    assertEquals(List.of("failed", "next", "later"), done);
  }
}
