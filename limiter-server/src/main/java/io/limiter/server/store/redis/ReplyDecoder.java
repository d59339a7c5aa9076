package io.limiter.server.store.redis;

import io.limiter.algorithm.Outcome;
import io.limiter.script.Reply;
import io.limiter.script.Run;
import io.limiter.server.key.Receipt;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the reply to one question after the other. The only place that does. */
final class ReplyDecoder {
  /** Nothing is left to be asked. */
  static final long ANSWERED = -1;

  private final Reply reply;
  private final Answers answers;
  private final long nowMicros;

  /**
   * A decoder.
   *
   * @param answers takes what it reads in
   */
  ReplyDecoder(Reply reply, Answers answers) {
    this.reply = reply;
    this.answers = answers;
    this.nowMicros = reply.nextNumber();
  }

  /** When the batch was decided, by Redis, in microseconds since the epoch. */
  long nowMicros() {
    return nowMicros;
  }

  /**
   * Answers the question that comes next in the reply.
   *
   * @return {@link #ANSWERED}, or the time around which it is to be asked again with calendar
   *     windows
   */
  long answer(Asked asked) {
    if (asked.isPlain() && reply.hasRun()) {
      deal(asked);
      return ANSWERED;
    }
    Reply.Code code = reply.nextCode();
    switch (code) {
      case DENIED, ADMITTED -> answers.add(asked.first(), decided(code, asked.first()));
      case REPLAYED -> answers.add(asked.first(), replayed());
      case CONFLICT -> answers.add(asked.first(), new Answer.Conflict());
      case NEEDS_WINDOW -> {
        return reply.nextNumber();
      }
      case BROKEN ->
          asked.fail(
              new StoreException(
                  StoreException.Kind.BUG,
                  "the Redis key %s holds nothing of this version; delete it or use another Redis"
                      .formatted(reply.nextText()),
                  null));
    }
    return ANSWERED;
  }

  private void deal(Asked asked) {
    Charge.Entry counter = asked.counter();
    int times = asked.times();
    Run run = reply.nextRun(counter.limit(), counter.cost(), times);
    for (int i = 0; i < times; i++) {
      Outcome outcome = run.outcome(i);
      answers.add(
          asked.waiting(i),
          new Answer.Decided(
              outcome.admits(),
              List.of(outcome),
              nowMicros,
              /* receipt= */ null,
              /* replayed= */ false));
    }
  }

  private Answer decided(Reply.Code code, Waiting question) {
    List<Outcome> outcomes = outcomes(question.charge().entries().size());
    Receipt receipt = question.receipt();
    if (receipt != null && reply.nextNumber() == 0) {
      receipt = null;
    }
    return new Answer.Decided(
        code == Reply.Code.ADMITTED, outcomes, nowMicros, receipt, /* replayed= */ false);
  }

  private Answer replayed() {
    long at = reply.nextNumber();
    Receipt receipt = receipt(reply.nextText());
    List<Outcome> outcomes = outcomes((int) reply.nextNumber() / 4);
    return new Answer.Decided(true, outcomes, at, receipt, /* replayed= */ true);
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
