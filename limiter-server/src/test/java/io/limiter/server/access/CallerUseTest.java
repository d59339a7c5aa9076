package io.limiter.server.access;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** What one caller has of an instance, by a clock of the test's own. */
@Timeout(60)
class CallerUseTest {
  private static final long SECOND = 1_000_000_000;

  private final AtomicLong now = new AtomicLong(7 * SECOND);
  private final CallerUse use = new CallerUse(1, now::get);

  private static KnownCaller caller(int streams, long questions, long work, long bytes) {
    return named("shop", new CallerLimits(questions, 0, streams, work, bytes, 0, 0));
  }

  private static KnownCaller named(String name, CallerLimits bounds) {
    return new KnownCaller(name, List.of(), List.of(), List.of(), Set.of(), List.of(), bounds);
  }

  private static void assertRefused(String message, Duration wait, Executable ask) {
    AccessException refused = assertThrows(AccessException.class, ask);
    assertEquals(AccessException.Kind.TOO_MUCH, refused.kind());
    assertEquals(message, refused.getMessage());
    assertEquals(wait, refused.waitTime());
  }

  @Test
  void callsUnderWay_areBounded_andEachGivesBackOnce() {
    KnownCaller caller = caller(2, 0, 0, 0);
    Runnable first = use.begin(caller);
    Runnable second = use.begin(caller);
    assertRefused(
        "caller shop has 2 calls and requests under way at this instance, as many as it may"
            + " (streams); wait until one ends, or have its bounds raised",
        Duration.ZERO,
        () -> use.begin(caller));
    assertEquals(2, use.streams());
    first.run();
    first.run();
    assertEquals(1, use.streams());
    second.run();
    assertEquals(0, use.streams());
  }

  @Test
  void anotherBound_holdsAtOnce_forWhatIsUnderWayToo() {
    List<Runnable> open = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      open.add(use.begin(caller(5, 0, 0, 0)));
    }
    for (Runnable one : open) {
      assertThrows(AccessException.class, () -> use.begin(caller(1, 0, 0, 0)));
      one.run();
    }
    assertDoesNotThrow(() -> use.begin(caller(1, 0, 0, 0)));
  }

  /** With as many threads as places there is always one free, so that nobody is refused. */
  @Test
  void threadsThatBeginAndEnd_areNeverMoreThanMay_norRefusedWhatIsFree() throws Exception {
    int threads = 4;
    KnownCaller caller = caller(threads, 0, 0, 0);
    AtomicInteger underWay = new AtomicInteger();
    CountDownLatch together = new CountDownLatch(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Integer>> most = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        most.add(
            pool.submit(
                () -> {
                  together.countDown();
                  together.await();
                  int seen = 0;
                  for (int n = 0; n < 20_000; n++) {
                    Runnable over = use.begin(caller);
                    seen = Math.max(seen, underWay.incrementAndGet());
                    underWay.decrementAndGet();
                    over.run();
                    over.run();
                  }
                  return seen;
                }));
      }
      for (Future<Integer> one : most) {
        assertEquals(true, one.get() <= threads);
      }
    } finally {
      pool.shutdownNow();
    }
    assertEquals(0, use.streams());
  }

  @Test
  void work_isCountedByCounters_andSaysTheTrueWait() {
    KnownCaller caller = caller(0, 0, 100, 0);
    use.work(caller, 90);
    assertRefused(
        "caller shop asks more than its 100 counters a second (work); ask again in 101 ms, or have"
            + " its bounds raised",
        Duration.ofMillis(100),
        () -> use.work(caller, 20));
    use.work(caller, 10);
    now.addAndGet(SECOND / 10);
    assertThrows(AccessException.class, () -> use.work(caller, 11));
    assertDoesNotThrow(() -> use.work(caller, 10));
    use.giveBackWork(caller, 10);
    assertDoesNotThrow(() -> use.work(caller, 10));
  }

  @Test
  void bytesThatAreRefused_countNoQuestion() {
    KnownCaller caller = caller(0, 2, 0, 1_000);
    use.ask(caller, 1, 900);
    for (int i = 0; i < 5; i++) {
      assertRefused(
          "caller shop sends more than its 1000 bytes of messages a second; ask again in 101 ms, or"
              + " have its bounds raised",
          Duration.ofMillis(100),
          () -> use.ask(caller, 1, 200));
    }
    use.ask(caller, 1, 100);
    assertRefused(
        "caller shop asks more than its 2 questions a second; ask again in 501 ms, or have its"
            + " bounds raised",
        Duration.ofMillis(500),
        () -> use.ask(caller, 1, 1));
  }

  @Test
  void questionsThatAreRefused_countNoBytes() {
    KnownCaller caller = caller(0, 1, 0, 1_000);
    use.ask(caller, 1, 500);
    for (int i = 0; i < 5; i++) {
      assertThrows(AccessException.class, () -> use.ask(caller, 1, 500));
    }
    // Half of the bytes are left: half a second later, by another pace of questions, all fit.
    now.addAndGet(SECOND / 2);
    assertDoesNotThrow(() -> use.ask(caller(0, 0, 0, 1_000), 1, 1_000));
  }

  @Test
  void whoeverShowsNothing_isNamedSo() {
    KnownCaller nobody = named("", new CallerLimits(1, 0, 0, 0, 0, 0, 0));
    use.ask(nobody, 1, 0);
    assertRefused(
        "whoever shows nothing asks more than its 1 questions a second; ask again in 1001 ms, or"
            + " have its bounds raised",
        Duration.ofSeconds(1),
        () -> use.ask(nobody, 1, 0));
  }
}
