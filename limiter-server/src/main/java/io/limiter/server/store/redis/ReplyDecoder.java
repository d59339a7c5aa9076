package io.limiter.server.store.redis;

import io.limiter.algorithm.Outcome;
import io.limiter.script.Reply;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Receipt;
import io.limiter.server.store.StoreException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the reply to one question after the other. The only place that does. */
final class ReplyDecoder {

  /** What a reply says to a question. */
  sealed interface Decoded {
    /** The question was answered. */
    record Answered(Answer answer) implements Decoded {}

    /** The question is to be asked again with the calendar windows around a time. */
    record AskAgain(long aroundMicros) implements Decoded {}

    /** The question cannot be answered. */
    record Failed(StoreException failure) implements Decoded {}
  }

  private final Reply reply;
  private final long nowMicros;

  ReplyDecoder(Reply reply) {
    this.reply = reply;
    this.nowMicros = reply.nextNumber();
  }

  /** When the batch was decided, by Redis, in microseconds since the epoch. */
  long nowMicros() {
    return nowMicros;
  }

  Decoded next(Waiting question) {
    Reply.Code code = reply.nextCode();
    return switch (code) {
      case DENIED, ADMITTED -> {
        List<Outcome> outcomes = outcomes(question.charge().entries().size());
        Receipt receipt = question.receipt();
        if (receipt != null && reply.nextNumber() == 0) {
          receipt = null;
        }
        boolean admitted = code == Reply.Code.ADMITTED;
        yield decided(admitted, outcomes, nowMicros, receipt, false);
      }
      case REPLAYED -> {
        long at = reply.nextNumber();
        Receipt receipt = receipt(reply.nextText());
        List<Outcome> outcomes = outcomes((int) reply.nextNumber() / 4);
        yield decided(true, outcomes, at, receipt, true);
      }
      case CONFLICT -> new Decoded.Answered(new Answer.Conflict());
      case NEEDS_WINDOW -> new Decoded.AskAgain(reply.nextNumber());
      case BROKEN ->
          new Decoded.Failed(
              new StoreException(
                  StoreException.Kind.BUG,
                  "the Redis key %s holds nothing of this version; delete it or use another Redis"
                      .formatted(reply.nextText()),
                  null));
    };
  }

  private static Decoded decided(
      boolean admitted,
      List<Outcome> outcomes,
      long at,
      @Nullable Receipt receipt,
      boolean replayed) {
    return new Decoded.Answered(
        new Answer.Decided(admitted, List.copyOf(outcomes), at, receipt, replayed));
  }

  private List<Outcome> outcomes(int count) {
    List<Outcome> outcomes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      outcomes.add(reply.nextOutcome());
    }
    return outcomes;
  }

  private static @Nullable Receipt receipt(String hex) {
    return hex.isEmpty() ? null : Receipt.of(HexFormat.of().parseHex(hex));
  }
}
