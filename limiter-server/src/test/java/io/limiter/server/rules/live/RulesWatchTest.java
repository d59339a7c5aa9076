package io.limiter.server.rules.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import io.limiter.server.rules.Matching;
import io.limiter.server.rules.file.LoadedRules;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.table.RuleTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The thread that polls. */
@Timeout(120)
class RulesWatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONGER_THAN_A_TEST = Duration.ofHours(1);

  @TempDir Path place;

  private static LiveRules live(Path directory) throws IOException {
    return LiveRules.of(directory, RuleFiles.load(directory), Clock.systemUTC());
  }

  private static long limit(LiveRules rules, String domain) {
    return Matching.rules(rules.get(), domain, Map.of()).get(0).limit().limit();
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "waited for a minute");
      LockSupport.parkNanos(100_000);
    }
  }

  /** Polls that come by the clock would come too late for this test. */
  @Test
  void whatTheSystemTells_isSeenLongBeforeTheNextPollIsDue() throws IOException {
    RulesDir directory = new RulesDir(place);
    directory.write("a.yaml", RulesDir.domain("a", 1));
    directory.swap("m.yaml", RulesDir.domain("m", 1));
    Path elsewhere = Files.createDirectory(place.resolve("elsewhere"));
    Path target = Files.writeString(elsewhere.resolve("x"), RulesDir.domain("x", 1));
    Files.createSymbolicLink(place.resolve("x.yaml"), target);
    LiveRules rules = live(place);
    try (RulesWatch watch = RulesWatch.over(rules, LONGER_THAN_A_TEST)) {
      assertTrue(watch.isAlive());
      directory.replace("a.yaml", RulesDir.domain("a", 2));
      until(() -> limit(rules, "a") == 2);
      directory.swap("m.yaml", RulesDir.domain("m", 2));
      until(() -> limit(rules, "m") == 2);
      Files.writeString(target, RulesDir.domain("x", 2));
      until(() -> limit(rules, "x") == 2);
    }
  }

  /**
   * Events come while a file is being written: it has to stand still for a time, not for events.
   */
  @Test
  void eventsThatComeWithoutPause_doNotShortenTheTimeBetweenPolls() throws IOException {
    RulesDir directory = new RulesDir(place);
    directory.write("a.yaml", RulesDir.domain("a", 1));
    List<Long> polledNanos = new CopyOnWriteArrayList<>();
    Folder real = Folder.at(place);
    Folder observed =
        new Folder() {
          @Override
          public Listing list() {
            polledNanos.add(System.nanoTime());
            return real.list();
          }

          @Override
          public LoadedRules read(RuleTable inForce) throws IOException {
            throw new IOException("it never stands still");
          }
        };
    LiveRules rules = LiveRules.of(observed, RuleFiles.load(place), Clock.systemUTC());
    try (RulesWatch watch = RulesWatch.over(rules, LONGER_THAN_A_TEST)) {
      assertTrue(watch.isAlive());
      int size = 0;
      while (polledNanos.size() < 6) {
        directory.write("a.yaml", "#".repeat(++size % 1_000));
      }
    }
    for (int i = 1; i < polledNanos.size(); i++) {
      long pauseNanos = polledNanos.get(i) - polledNanos.get(i - 1);
      assertTrue(pauseNanos >= SHORT.toNanos(), () -> "polls " + pauseNanos + " ns apart");
    }
  }

  @Test
  void whatTheSystemDoesNotTell_isPolled() throws IOException {
    FolderFake folder = new FolderFake();
    folder.set("a.yaml", RulesDir.domain("a", 1));
    LiveRules rules = LiveRules.of(folder, folder.loaded(), Clock.systemUTC());
    try (RulesWatch watch = RulesWatch.over(rules, SHORT)) {
      assertTrue(watch.isAlive());
      folder.set("a.yaml", RulesDir.domain("a", 2));
      until(() -> limit(rules, "a") == 2);
    }
  }

  @Test
  void aDirectoryThatGoesAndComesBack_isWatchedAgain() throws IOException {
    Path inner = Files.createDirectory(place.resolve("inner"));
    new RulesDir(inner).write("a.yaml", RulesDir.domain("a", 1));
    LiveRules rules = live(inner);
    try (RulesWatch watch = RulesWatch.over(rules, SHORT)) {
      assertTrue(watch.isAlive());
      Path away = Files.move(inner, place.resolve("away"));
      until(() -> !rules.state().lastAttempt().good());
      new RulesDir(away).write("a.yaml", RulesDir.domain("a", 2));
      Files.move(away, inner);
      until(() -> limit(rules, "a") == 2);
      new RulesDir(inner).replace("a.yaml", RulesDir.domain("a", 3));
      until(() -> limit(rules, "a") == 3);
    }
  }

  @Test
  void aPollThatFails_isNotTheLast() {
    FolderFake folder = new FolderFake();
    folder.set("a.yaml", RulesDir.domain("a", 1));
    LiveRules rules = LiveRules.of(folder, folder.loaded(), Clock.systemUTC());
    AtomicInteger reads = new AtomicInteger();
    try (RulesWatch watch = RulesWatch.over(rules, SHORT)) {
      assertTrue(watch.isAlive());
      folder.duringReads(
          () -> {
            if (reads.incrementAndGet() == 1) {
              throw new IllegalStateException("a defect");
            } else if (reads.get() == 2) {
              throw new OutOfMemoryError("as a file might provoke");
            }
          });
      folder.set("a.yaml", RulesDir.domain("a", 2));
      until(() -> limit(rules, "a") == 2);
      assertEquals(3, reads.get());
    }
  }

  @Test
  void close_waitsForThePollUnderWay_andEndsTheThread() throws InterruptedException {
    FolderFake folder = new FolderFake();
    folder.set("a.yaml", RulesDir.domain("a", 1));
    LiveRules rules = LiveRules.of(folder, folder.loaded(), Clock.systemUTC());
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    folder.duringReads(
        () -> {
          reading.countDown();
          assertTrue(Uninterruptibles.awaitUninterruptibly(mayGoOn, Duration.ofMinutes(1)));
        });
    folder.set("a.yaml", RulesDir.domain("a", 2));
    RulesWatch watch = RulesWatch.over(rules, SHORT);
    reading.await();
    Thread closer = new Thread(watch::close);
    closer.start();
    until(() -> closer.getState() == Thread.State.TIMED_WAITING);
    mayGoOn.countDown();
    closer.join();
    assertFalse(watch.isAlive());
    assertEquals(2, limit(rules, "a"), "what was begun is done");
  }
}
