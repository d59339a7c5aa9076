package io.limiter.server.grpc.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is read never came before the time that is told, and the event loop knows how it stands. */
class ArrivalsTest {
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private long nowNanos = -7;
  private final EventLoopLag lag = new EventLoopLag(() -> nowNanos);
  private final Arrivals busy = new Arrivals(lag, () -> nowNanos);
  private final Arrivals quiet = new Arrivals(lag, () -> nowNanos);

  private long waited(Arrivals connection, boolean all) {
    return nowNanos - connection.read(all, tasks::add);
  }

  private void passes(long millis) {
    nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** All has been read: the event loop looks again. */
  private void looks() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void whatComesToAnIdleEventLoop_hasNotWaited() {
    passes(1_000);
    assertEquals(0, waited(busy, true));
    looks();
    passes(1_000);
    assertEquals(0, waited(busy, true));
    assertEquals(0, waited(quiet, true));
  }

  @Test
  void whatComesWhileOthersAreServed_hasWaitedSinceTheEventLoopLooked() {
    passes(1_000);
    assertEquals(0, waited(busy, true));
    passes(30);
    looks();
    assertEquals(millis(30), waited(quiet, true), "it was quiet when the event loop looked");
    passes(4);
    assertEquals(millis(34), waited(busy, true), "it was read to its end when the lap began");
    looks();
    assertEquals(millis(4), waited(quiet, true));
    assertEquals(0, waited(busy, true));
  }

  @Test
  void whatIsLeftToBeRead_hasWaitedSinceThereWasNothing() {
    passes(1_000);
    assertEquals(0, waited(busy, false));
    for (long i = 1; i <= 5; i++) {
      passes(10);
      looks();
      assertEquals(millis(10 * i), waited(busy, false), "since the first of it came");
    }
    passes(10);
    looks();
    assertEquals(millis(60), waited(busy, true));
    looks();
    passes(2);
    assertEquals(0, waited(busy, true));
  }

  @Test
  void whoIsNotReadForAWhile_mayHaveWaitedForAllOfIt() {
    passes(1_000);
    assertEquals(0, waited(busy, true));
    busy.leave();
    lag.works(tasks::add);
    passes(20);
    busy.resume();
    looks();
    assertEquals(millis(20), waited(busy, true));
  }

  /** Else whoever asks little would be taken for late: its answer is not worth waiting for then. */
  @Test
  void whatComesLater_hasNotWaitedSinceItsConnectionWasLeft() {
    passes(1_000);
    assertEquals(0, waited(busy, false), "a buffer was full, and there was nothing more");
    looks();
    passes(1_000);
    assertEquals(0, waited(busy, true));
    busy.leave();
    passes(20);
    busy.resume();
    looks();
    passes(1_000);
    assertEquals(0, waited(busy, true), "nothing had come while it was not read");
    looks();
    assertEquals(0, waited(quiet, true));
    busy.leave();
    busy.resume();
    looks();
    assertEquals(0, waited(quiet, true));
    looks();
    assertEquals(0, waited(busy, true));
  }

  /** Whether it is overloaded for a caller who waits for 50 ms, of which so much is over. */
  private boolean isOverloaded(long waitedMillis) {
    return lag.isOverloaded(millis(waitedMillis), millis(50));
  }

  @Test
  void anEventLoopThatCatchesUp_isNotOverloaded() {
    passes(1_000);
    assertEquals(0, waited(busy, true));
    passes(49);
    looks();
    assertEquals(millis(49), waited(busy, true));
    assertFalse(isOverloaded(49), "behind for less than the caller's time");
    looks();
    assertEquals(0, waited(busy, true));
    passes(49);
    assertFalse(isOverloaded(25));
    assertFalse(lag.isOverloaded());
  }

  @Test
  void anEventLoopThatStaysBehind_isOverloaded_andWillBeWithinASecond() {
    passes(1_000);
    for (int i = 0; i < 6; i++) {
      long unused = waited(busy, true);
      passes(10);
      looks();
    }
    assertFalse(lag.isOverloaded(millis(50), millis(100)), "for who waits for longer");
    assertFalse(isOverloaded(24), "for who is read within half of their time");
    assertTrue(isOverloaded(25));
    assertTrue(isOverloaded(13), "now that it is known");
    assertTrue(lag.isOverloaded());
    passes(900);
    assertEquals(0, waited(busy, true));
    assertTrue(isOverloaded(13));
    passes(100);
    assertFalse(isOverloaded(13));
    assertFalse(lag.isOverloaded());
  }
}
