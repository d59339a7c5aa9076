package io.limiter.server.store.redis;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Ending;
import io.limiter.ledger.Held;
import io.limiter.script.Reply;
import io.limiter.script.Run;
import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Source;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the reply to one batch entry after the other. The only place that does. Not safe to share
 * between threads.
 */
final class ReplyDecoder {
  private static final Ending.State[] ENDS = Ending.State.values();

  private final Reply reply;
  private final Answers answers;
  private final Unanswered unanswered;
  private final long nowMicros;

  /** Takes in what Redis could not decide. */
  interface Unanswered {
    /** The entry is to be asked again, with the calendar windows around a time. */
    void add(BatchEntry entry, long aroundMicros);

    /** Redis answered the entry with an error, and wrote nothing for it. */
    void refused(BatchEntry entry, String said);

    /** Redis wrote nothing for the entry, and is to be asked again with its keys declared. */
    void elsewhere(BatchEntry entry);

    /** Redis got to the entry after its time, and wrote nothing for it. */
    void expired(BatchEntry entry);
  }

  /**
   * A decoder.
   *
   * @param answers takes in the answers that it reads
   */
  ReplyDecoder(Reply reply, Answers answers, Unanswered unanswered) {
    this.reply = reply;
    this.answers = answers;
    this.unanswered = unanswered;
    this.nowMicros = reply.nextNumber();
  }

  /** When Redis decided the batch, in microseconds since the epoch. */
  long nowMicros() {
    return nowMicros;
  }

  /** Answers the entry that comes next in the reply. */
  void answer(BatchEntry entry) {
    if (entry.isPlain() && reply.hasRun()) {
      deal(entry);
      return;
    }
    if (entry.charge() instanceof Charge.Any any) {
      answer(entry, any);
      return;
    }
    Reply.Code code = reply.nextCode();
    boolean decided = code == Reply.Code.ADMITTED || code == Reply.Code.DENIED;
    if (decided && entry.charge() instanceof Charge.Ending ending) {
      answers.add(entry.first(), ended(code == Reply.Code.ADMITTED, ending.asked()));
      return;
    }
    switch (code) {
      case DENIED, ADMITTED ->
          answers.add(entry.first(), decided(code, entry, entry.charge(), entry.first().receipt()));
      case REPLAYED -> answers.add(entry.first(), replayed(entry.charge()));
      case CONFLICT -> answers.add(entry.first(), new Answer.Conflict());
      default -> unanswered(code, entry);
    }
  }

  private void unanswered(Reply.Code code, BatchEntry entry) {
    switch (code) {
      case NEEDS_WINDOW -> unanswered.add(entry, reply.nextNumber());
      case BROKEN -> entry.fail(unreadable(reply.nextText()));
      case EXPIRED -> unanswered.expired(entry);
      case ELSEWHERE -> unanswered.elsewhere(entry);
      case REFUSED -> unanswered.refused(entry, reply.nextText());
      case DENIED, ADMITTED, REPLAYED, CONFLICT -> throw new IllegalStateException(code.name());
    }
  }

  private void answer(BatchEntry entry, Charge.Any any) {
    int from = (int) reply.nextNumber() - 1;
    List<Answer.Decided> told = new ArrayList<>();
    for (int place = from; place < any.alternatives().size(); place++) {
      Charge.Whole asked = any.alternatives().get(place);
      Reply.Code code = reply.nextCode();
      switch (code) {
        case DENIED, ADMITTED ->
            told.add(decided(code, entry, asked, entry.first().receipt(asked)));
        case REPLAYED -> told.add(replayed(asked));
        case CONFLICT -> {
          answers.add(entry.first(), new Answer.Conflict(place));
          return;
        }
        default -> {
          unanswered(code, entry);
          return;
        }
      }
      if (code != Reply.Code.DENIED) {
        break;
      }
    }
    answers.add(entry.first(), new Answer.Any(from, told));
  }

  /** It may be of a later version, or of another program: it is not ours to delete. */
  static StoreException unreadable(String key) {
    return new StoreException(
        StoreException.Kind.UNREADABLE,
        ("the Redis key %s holds what this version did not write; see who writes it (TYPE, DUMP),"
                + " and give Limiter a Redis of its own")
            .formatted(key),
        null);
  }

  private void deal(BatchEntry entry) {
    Charge.Entry counter = entry.counter();
    int times = entry.times();
    Run run = reply.nextRun(counter.limit(), counter.cost(), times);
    for (int i = 0; i < times; i++) {
      Outcome outcome = run.outcome(i);
      answers.add(
          entry.question(i),
          new Answer.Decided(
              outcome.admits(),
              List.of(outcome),
              nowMicros,
              /* receipt= */ null,
              /* replayed= */ false));
    }
  }

  private Answer.Decided decided(
      Reply.Code code, BatchEntry entry, Charge charge, @Nullable Receipt name) {
    List<Outcome> outcomes = outcomes(charge.entries().size());
    List<Held> held = held(charge);
    Receipt receipt = name;
    if (receipt != null && reply.nextNumber() == 0) {
      receipt = null;
    }
    return new Answer.Decided(
        code == Reply.Code.ADMITTED,
        outcomes,
        nowMicros,
        receipt,
        /* replayed= */ false,
        Source.REDIS,
        held.isEmpty() ? "" : entry.first().holdName(),
        held);
  }

  private Answer.Ended ended(boolean extended, Ending ending) {
    boolean renews = ending.what() == Ending.What.EXTEND;
    List<Ending.Ended> holds = new ArrayList<>();
    for (int i = 0; i < ending.holds().size(); i++) {
      Ending.State state = ENDS[(int) reply.nextNumber() - 1];
      Outcome outcome = reply.nextOutcome();
      long sum = reply.nextNumber();
      long owed = reply.nextNumber();
      long last = reply.nextNumber();
      holds.add(
          new Ending.Ended(
              state, outcome, new Held(sum, owed, 0, renews ? last : 0), renews ? 0 : last));
    }
    return new Answer.Ended(new Ending.Result(extended && renews, holds), nowMicros);
  }

  /** What each entry's counter holds; none if no entry has a book of holds. */
  private List<Held> held(Charge charge) {
    if (!charge.hasHolds()) {
      return List.of();
    }
    List<Held> held = new ArrayList<>(charge.entries().size());
    for (Charge.Entry entry : charge.entries()) {
      held.add(
          entry.holding() == null
              ? Held.NONE
              : new Held(
                  reply.nextNumber(), reply.nextNumber(), reply.nextNumber(), reply.nextNumber()));
    }
    return held;
  }

  private Answer.Decided replayed(Charge charge) {
    long at = reply.nextNumber();
    String records = reply.nextText();
    int separator = records.indexOf(':');
    Receipt receipt = receipt(separator < 0 ? records : records.substring(0, separator));
    int count = (int) reply.nextNumber() / 4;
    List<Outcome> outcomes = outcomes(Math.min(count, charge.entries().size()));
    List<Held> held = count > outcomes.size() ? held(charge) : List.of();
    return new Answer.Decided(
        true,
        outcomes,
        at,
        receipt,
        /* replayed= */ true,
        Source.REDIS,
        held.isEmpty() ? "" : records.substring(separator + 1),
        held);
  }

  private List<Outcome> outcomes(int count) {
    List<Outcome> outcomes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      outcomes.add(reply.nextOutcome());
    }
    return List.copyOf(outcomes);
  }

  private static @Nullable Receipt receipt(String hex) {
    return hex.isEmpty() ? null : Receipt.of(HexFormat.of().parseHex(hex));
  }
}
