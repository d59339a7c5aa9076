package io.limiter.server.store.redis;

import io.limiter.script.DecideArguments;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.connect.RedisFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends questions to one Redis in batches, and deals out the answers. Safe to call from any thread.
 *
 * <p>The questions of one caller are sent in the order in which they came. Two exceptions: a batch
 * whose script Redis has lost is sent once more, behind one that is in flight; and questions that
 * Redis found void, and for which somebody still waits, come again at the end.
 *
 * <p>Batches are made on the connection's event loop, which has to send them in any case. While it
 * wakes up or deals out answers, more questions queue up.
 */
final class Batcher {
  private final ScriptCaller.Calls scripts;
  private final Function<String, StoreException> refusals;
  private final RedisTime time;
  private final RedisSettings settings;
  private final StoreListener listener;
  private final Redirects redirects;
  private final Departures departures;

  /** Takes over what a member of a Cluster did not run. Redis alone has none. */
  interface Redirects {
    /** Of one Redis that holds every key. */
    Redirects NONE =
        new Redirects() {
          @Override
          public List<Batch> parts(Batch batch) {
            return List.of(batch);
          }

          @Override
          public boolean take(Batch batch, StoreException failure) {
            return false;
          }

          @Override
          public void crossed(Batch batch, List<BatchEntry> elsewhere) {}
        };

    /** The calls that a batch is sent in. */
    List<Batch> parts(Batch batch);

    /**
     * Takes a call over that failed, or not.
     *
     * @return whether somebody else answers its questions
     */
    boolean take(Batch batch, StoreException failure);

    /**
     * Takes over what a call over several slots did not decide.
     *
     * @param elsewhere entries that are to be asked again with their keys declared
     */
    void crossed(Batch batch, List<BatchEntry> elsewhere);
  }

  /**
   * A batcher.
   *
   * @param refusals tells what an error is that the script passed on
   * @param sender runs what sends, soon; may do so on the caller's thread
   */
  Batcher(
      ScriptCaller.Calls scripts,
      Function<String, StoreException> refusals,
      RedisTime time,
      RedisSettings settings,
      StoreListener listener,
      Redirects redirects,
      Executor sender) {
    this.scripts = scripts;
    this.refusals = refusals;
    this.time = time;
    this.settings = settings;
    this.listener = listener;
    this.redirects = redirects;
    departures = new Departures(settings, sender, this::send);
  }

  void submit(PendingQuestion question) {
    StoreException refused = departures.add(question);
    if (refused != null) {
      question.completeExceptionally(refused);
    }
  }

  private void send(Batch batch) {
    List<Batch> parts = redirects.parts(batch);
    departures.split(parts.size());
    RedisTime.Windows windows = time.windows();
    for (int i = 0; i < parts.size(); i++) {
      send(parts.get(i), windows, scripts);
    }
  }

  /** Asks a question alone, by calls of another form. */
  void askBy(ScriptCaller.Calls calls, PendingQuestion question) {
    departures.split(2);
    send(
        Batch.of(new BatchEntry(question, System.nanoTime()), System.nanoTime()),
        time.windows(),
        calls);
  }

  /** What cannot be sent fails; it must not keep its place in flight. */
  private void send(Batch batch, RedisTime.Windows windows, ScriptCaller.Calls calls) {
    try {
      DecideArguments call = new DecideArguments(windows.aroundMicros());
      batch.writeTo(call, time);
      listener.batchSent(batch.questions());
      long start = System.nanoTime();
      var unused =
          calls
              .call(
                  Scripts.STANDARD.decide(call),
                  batch.crossesSlots() ? List.of() : call.keys(),
                  batch.crossesSlots() ? call.undeclared() : call.arguments())
              .whenComplete((reply, failure) -> answered(batch, reply, failure, start, windows));
    } catch (RuntimeException unsendable) {
      answered(batch, null, unsendable, System.nanoTime(), windows);
    }
  }

  private void answered(
      Batch batch,
      @Nullable Reply reply,
      @Nullable Throwable failure,
      long start,
      RedisTime.Windows windows) {
    List<Repeat> repeats = new ArrayList<>(0);
    try {
      if (reply == null || failure != null) {
        fail(batch, failure == null ? new IllegalStateException("no reply") : failure);
      } else {
        listener.batchAnswered(System.nanoTime() - start);
        deal(batch, reply, start, new Undecided(repeats));
      }
    } catch (RuntimeException unreadable) {
      repeats.clear();
      fail(batch, unreadable);
    }
    if (repeats.isEmpty()) {
      departures.landed();
    } else {
      departures.split(repeats.size());
      repeats.forEach(repeat -> send(repeat, windows));
    }
  }

  private void fail(Batch batch, Throwable failure) {
    StoreException known = RedisFailure.of(failure, settings.address());
    if (!redirects.take(batch, known)) {
      listener.batchFailed(known.kind());
      batch.fail(known);
    }
  }

  private void deal(Batch batch, Reply reply, long start, Undecided unanswered) {
    Answers answers = new Answers(listener);
    ReplyDecoder decoder = new ReplyDecoder(reply, answers, unanswered);
    time.saw(decoder.nowMicros(), start, System.nanoTime());
    batch.entries().forEach(decoder::answer);
    answers.send();
    if (batch.crossesSlots()) {
      redirects.crossed(batch, unanswered.elsewhere);
    }
  }

  /** What Redis could not decide: the rest of its batch is answered all the same. */
  private final class Undecided implements ReplyDecoder.Unanswered {
    private final List<Repeat> repeats;
    private final List<BatchEntry> elsewhere = new ArrayList<>(0);

    Undecided(List<Repeat> repeats) {
      this.repeats = repeats;
    }

    @Override
    public void add(BatchEntry entry, long aroundMicros) {
      repeats.add(new Repeat(entry, aroundMicros));
    }

    @Override
    public void refused(BatchEntry entry, String said) {
      entry.fail(refusals.apply(said));
    }

    @Override
    public void elsewhere(BatchEntry entry) {
      elsewhere.add(entry);
    }

    /** Nothing was charged, so whoever still waits may be asked for again. */
    @Override
    public void expired(BatchEntry entry) {
      long now = System.nanoTime();
      for (int i = 0; i < entry.times(); i++) {
        PendingQuestion question = entry.question(i);
        question.foundOut(false);
        if (question.deadlineNanos() - now <= 0) {
          listener.expired();
        } else if (!question.isDone()) {
          submit(question);
        }
      }
    }
  }

  /** An entry that is to be asked again, alone, with the calendar windows around a time. */
  private record Repeat(BatchEntry entry, long aroundMicros) {}

  private void send(Repeat repeat, RedisTime.Windows before) {
    if (before.mayRepeat()) {
      Batch alone = Batch.of(repeat.entry(), System.nanoTime());
      send(alone, before.repeat(repeat.aroundMicros()), scripts);
    } else {
      repeat
          .entry()
          .fail(
              new StoreException(
                  StoreException.Kind.INTERNAL,
                  "no calendar window covers the time of Redis",
                  null));
      departures.landed();
    }
  }

  /** Whether Redis owes an answer. */
  boolean awaitsAnswer() {
    return departures.awaitsAnswer();
  }

  /** The invariant of the queue, true whenever no thread is inside a method of this class. */
  boolean strandsNothing() {
    return departures.strandsNothing();
  }
}
