package io.limiter.client.decorate;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.upstream.UpstreamSaid.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Those of a process who wait for room at one upstream. The first of them asks the shared counter,
 * and while there is room several do at once. After a denial nobody asks before its time is over,
 * since all of them would be denied: so a process asks a full counter once, not once for each call.
 *
 * <p>What the upstream refused holds here too, whatever the service says. Thread-safe.
 *
 * <p>Invariant: somebody stands in line only while a question or a probe is under way, or the alarm
 * is set.
 */
final class WaitingRoom {
  /** More would be of no use to a line, and the order of their charges would be lost. */
  private static final int MOST_ASKING = 16;

  private final LimiterClient limiter;
  private final int mostWaiting;
  private final boolean failsFast;
  private final Alarm alarm = new Alarm(this::letGo);

  /** How many times {@link #letGo} was asked for; who finds 0 does the work of all. */
  private final AtomicInteger work = new AtomicInteger();

  @GuardedBy("this")
  private final Line line = new Line();

  @GuardedBy("this")
  private final Gate gate = new Gate(System.nanoTime());

  @GuardedBy("this")
  private final Breaker breaker;

  @GuardedBy("this")
  private int asking;

  WaitingRoom(LimiterClient limiter, Breaker breaker, int mostWaiting, boolean failsFast) {
    this.limiter = limiter;
    this.breaker = breaker;
    this.mostWaiting = mostWaiting;
    this.failsFast = failsFast;
  }

  synchronized int waiting() {
    return line.size();
  }

  /**
   * Waits for room.
   *
   * @param again whether the call was let go before. Such a one is always let in
   */
  void enter(Waiter waiter, boolean again) {
    long now = System.nanoTime();
    synchronized (this) {
      long open = breaker.waitNanos(now);
      long noRoom = gate.noRoomNanos(waiter.request, now);
      if (!again && line.size() >= mostWaiting) {
        waiter.room.completeExceptionally(NotSentException.tooManyWaiting(mostWaiting));
        return;
      }
      if (open > 0 && (failsFast || breaker.openNanos(now) > waiter.left(now))) {
        waiter.room.completeExceptionally(NotSentException.circuitOpen(Duration.ofNanos(open)));
        return;
      }
      if (noRoom > waiter.left(now)) {
        waiter.denyFor(noRoom, gate.statuses(waiter.request, now));
        return;
      }
      line.add(waiter);
    }
    letGo();
    time(waiter);
  }

  /** Whoever stands in line ends with its time; who is being asked for ends with its answer. */
  private void time(Waiter waiter) {
    synchronized (this) {
      if (!waiter.queued || waiter.timed) {
        return;
      }
      waiter.timed = true;
    }
    CompletableFuture<Void> timer = new CompletableFuture<>();
    var unused =
        timer
            .orTimeout(Math.max(1, waiter.left(System.nanoTime())), TimeUnit.NANOSECONDS)
            .whenComplete((nothing, over) -> expire(waiter, over));
    var unusedToo =
        waiter.room.whenComplete(
            (decision, failure) -> {
              timer.complete(null);
              synchronized (this) {
                // It may have been cancelled where it stood.
                line.remove(waiter);
              }
            });
  }

  private void expire(Waiter waiter, @Nullable Throwable over) {
    long closed;
    synchronized (this) {
      if (over == null || !line.remove(waiter)) {
        return;
      }
      closed = gate.waitNanos(System.nanoTime());
    }
    waiter.denyFor(closed, List.of());
  }

  /** Lets as many ask as may. Whoever is called meanwhile leaves the work to who is at it. */
  private void letGo() {
    if (work.getAndIncrement() != 0) {
      return;
    }
    int done = 1;
    do {
      for (Waiter next = next(); next != null; next = next()) {
        ask(next);
      }
      done = work.addAndGet(-done);
    } while (done != 0);
  }

  private synchronized @Nullable Waiter next() {
    if (line.isEmpty() || asking >= MOST_ASKING) {
      return null;
    }
    long now = System.nanoTime();
    long wait = Math.max(gate.waitNanos(now), breaker.waitNanos(now));
    if (wait > 0) {
      alarm.setFor(wait, now);
      return null;
    }
    Waiter next = line.poll();
    if (next != null) {
      next.probe = breaker.pass();
      asking++;
    }
    return next;
  }

  private void ask(Waiter waiter) {
    CompletableFuture<Decision> answer;
    try {
      answer = limiter.checkAsync(waiter.request);
    } catch (RuntimeException mistake) {
      answer = CompletableFuture.failedFuture(mistake);
    }
    var unused =
        answer.whenComplete(
            (decision, failure) -> {
              if (failure != null) {
                waiter.room.completeExceptionally(Pacer.cause(failure));
                asked(waiter, false);
              } else if (decision.allowed() || decision.retryAfter().isEmpty()) {
                decided(waiter, decision);
              } else {
                denied(waiter, decision, Turn.nanos(decision.retryAfter().get()));
              }
              letGo();
            });
  }

  /** The question is answered. */
  private synchronized void asked(Waiter waiter, boolean sent) {
    asking--;
    if (!sent) {
      free(waiter);
    }
  }

  @GuardedBy("this")
  private void free(Waiter waiter) {
    if (waiter.probe) {
      waiter.probe = false;
      breaker.unsent();
    }
  }

  private void decided(Waiter waiter, Decision decision) {
    long left = waiter.left(System.nanoTime());
    Turn turn = Turn.of(decision, 0, 0, left);
    if (!turn.decision().allowed()) {
      giveBack(decision);
      asked(waiter, false);
      waiter.deny(turn.decision());
      return;
    }
    long pause = turn.pauseNanos();
    synchronized (this) {
      gate.admitted();
      if (decision.failure().isPresent()) {
        pause += Math.min(gate.spreadNanos(), left / 2);
      }
    }
    asked(waiter, true);
    var unused =
        Pause.of(pause)
            .thenRun(
                () -> {
                  waiter.startNanos = System.nanoTime();
                  if (!waiter.room.complete(decision)) {
                    giveBack(decision);
                    unsent(waiter);
                  }
                });
  }

  private void giveBack(Decision decision) {
    // Nobody waits for it: if it fails, the charge stays.
    var unused = decision.receipt().map(limiter::refundAsync);
  }

  /** It was let go, and is not sent after all. */
  void unsent(Waiter waiter) {
    synchronized (this) {
      free(waiter);
    }
    letGo();
  }

  private void denied(Waiter waiter, Decision decision, long wait) {
    long now = System.nanoTime();
    List<Waiter> late;
    synchronized (this) {
      if (!waiter.room.isDone()) {
        line.add(waiter);
      }
      // Whoever asks the same is denied the same.
      late = line.late(other -> other.request == waiter.request, now, wait);
      gate.denied(waiter.request, decision.statuses(), now, wait, line.jitterLeft(now, wait));
    }
    asked(waiter, false);
    late.forEach(one -> one.deny(decision));
    time(waiter);
  }

  /**
   * Hears what became of a call that was let go.
   *
   * @param said for how long the upstream takes nothing, as it said; 0 if it did not say
   * @return for how long it takes nothing, which may be a guess; 0 if it may take the next
   */
  long ended(Waiter waiter, Outcome outcome, long said) {
    long now = System.nanoTime();
    long blocked = said;
    List<Waiter> late = List.of();
    synchronized (this) {
      boolean isNew = gate.isNewTo(waiter.startNanos);
      if (outcome == Outcome.ANSWERED) {
        gate.taken(waiter.startNanos);
        breaker.succeeded(waiter.probe);
      } else if (outcome != Outcome.REFUSED || isNew || waiter.probe) {
        // Of calls that were refused together only the first counts.
        breaker.failed(waiter.probe, now);
      }
      waiter.probe = false;
      if (outcome == Outcome.REFUSED) {
        blocked = gate.refused(waiter.startNanos, now, said);
      }
      if (blocked > 0) {
        late = line.late(one -> true, now, blocked);
        gate.blocked(now, blocked, line.jitterLeft(now, blocked));
      }
    }
    long wait = blocked;
    late.forEach(one -> one.denyFor(wait, List.of()));
    letGo();
    return blocked;
  }
}
