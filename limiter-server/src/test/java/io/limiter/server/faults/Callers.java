package io.limiter.server.faults;

import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** Steady load: callers that ask one question after another, at both instances. */
final class Callers implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(4);
  private static final int OF_THE_LIMIT = 4;

  private final LimiterClient hurried;
  private final LimiterClient patient;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<CompletableFuture<?>> all = new ArrayList<>();
  private volatile Turn turn = new Turn("warm");
  private volatile boolean over;
  private int turns;

  /**
   * Starts to ask.
   *
   * @param target where both instances are
   */
  Callers(String target) {
    hurried = client(target, Caller.HURRY);
    patient = client(target, Caller.PATIENCE);
    hurried.awaitReady(Caller.PATIENCE);
    patient.awaitReady(Caller.PATIENCE);
    for (int i = 0; i < OF_THE_LIMIT; i++) {
      start(new Caller(Caller.Asks.LIMIT, false));
    }
    for (Caller.Asks asks : Caller.Asks.values()) {
      start(new Caller(asks, false));
      start(new Caller(asks, true));
    }
  }

  private static LimiterClient client(String target, Duration deadline) {
    return LimiterClient.to(target).deadline(deadline).onUnreachable(OnUnreachable.CLOSED).build();
  }

  private void start(Caller caller) {
    all.add(CompletableFuture.runAsync(() -> askOnAndOn(caller), threads));
  }

  private void askOnAndOn(Caller caller) {
    LimiterClient client = caller.patient() ? patient : hurried;
    while (!over) {
      Turn mine = turn;
      long id = mine.begin();
      if (mine != turn) {
        mine.drop(); // it ended in between, and may be judged already
        continue;
      }
      long start = System.nanoTime();
      Decision decision = client.check(caller.question(mine, id));
      mine.end(id, caller, decision, System.nanoTime() - start);
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** From now on what is asked belongs to a new turn; returns when nothing else is under way. */
  Turn next() {
    Turn before = turn;
    turn = new Turn("t" + ++turns);
    Await.until(before::isOver);
    return turn;
  }

  /** What is asked now belongs to it. */
  Turn turn() {
    return turn;
  }

  @Override
  public void close() {
    over = true;
    all.forEach(CompletableFuture::join);
    threads.shutdown();
    hurried.close();
    patient.close();
  }
}
