package io.limiter.server.store.deny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.ForwardingCounterStore;
import io.limiter.server.store.Source;
import io.limiter.server.store.local.LocalCounterStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A cache of denials before counters whose clock, and the way to which, tests set. Each window and
 * bucket is full at first.
 */
abstract class DenyCacheHarness {
  static final long SECOND = 1_000_000_000;
  static final long MICRO = 1_000;
  static final Duration LONGEST = Duration.ofSeconds(1);

  /** The start of a minute, in microseconds since the epoch. */
  static final long START = 1_766_666_400_000_000L;

  static final Limit MINUTE = FixedWindow.per(60_000_000, 10);
  static final Charge.Entry DENIED = new Charge.Entry("k", MINUTE, 1);

  long nanos;
  final Way way = new Way(new LocalCounterStore(() -> START + nanos / MICRO));
  final DenyCache cache = cache();

  private DenyCache cache() {
    // Near the end of what a long holds: the clock may start anywhere.
    return new DenyCache(way, LONGEST, () -> Long.MAX_VALUE - SECOND / 2 + nanos);
  }

  /** The way to counters and back. */
  final class Way extends ForwardingCounterStore {
    final LocalCounterStore counters;
    long thereNanos;
    long backNanos;
    int asked;

    /** What happens while an answer is on its way. */
    Runnable onWayBack = () -> {};

    Way(LocalCounterStore counters) {
      super(counters);
      this.counters = counters;
    }

    @Override
    public CompletionStage<Answer> decide(Charge charge) {
      asked++;
      nanos += thereNanos;
      CompletionStage<Answer> answer = super.decide(charge);
      nanos += backNanos;
      onWayBack.run();
      return answer;
    }
  }

  static Charge charge(Charge.Entry... entries) {
    return new Charge.Whole(List.of(entries));
  }

  static Charge.Entry as(Role role, Charge.Entry entry) {
    return new Charge.Entry(role, entry.key(), entry.limit(), entry.cost());
  }

  static Charge.Entry cost(Charge.Entry entry, long cost) {
    return new Charge.Entry(entry.role(), entry.key(), entry.limit(), cost);
  }

  static Answer.Decided join(CompletionStage<Answer> answer) {
    return assertInstanceOf(Answer.Decided.class, answer.toCompletableFuture().join());
  }

  /** Uses a counter up, behind the cache's back. */
  void fill(Charge.Entry entry) {
    assertTrue(join(way.counters.decide(charge(cost(entry, entry.limit().limit())))).admitted());
  }

  Answer.Decided ask(Source expected, Charge charge) {
    Answer.Decided answer = join(cache.decide(charge));
    assertEquals(expected, answer.source());
    return answer;
  }

  Outcome.Denied denied(Source expected, Charge.Entry entry) {
    Answer.Decided answer = ask(expected, charge(entry));
    return assertInstanceOf(Outcome.Denied.class, answer.outcomes().get(0));
  }
}
