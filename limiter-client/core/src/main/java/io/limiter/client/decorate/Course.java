package io.limiter.client.decorate;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.upstream.Observation;
import io.limiter.client.upstream.UpstreamSaid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call, from its first wait to its last answer: for each try {@link #room}, then {@link
 * #ended}. For one thread at a time, but for {@link #cancel}.
 */
final class Course {
  private static final long FIRST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_DOUBLINGS = 5;

  private final Pacer pacer;
  private final CallTerms terms;
  private final CheckRequest request;
  private final long endNanos;
  private final long rankNanos;
  private final long number;
  private int tries;
  private long backoffNanos;
  private volatile @Nullable Waiter waiter;
  private volatile boolean cancelled;
  private @Nullable Decision decision;

  Course(Pacer pacer, CallTerms terms, long number) {
    this.pacer = pacer;
    this.terms = terms;
    this.request = pacer.request(terms);
    this.number = number;
    long now = System.nanoTime();
    this.endNanos = now + Math.min(Turn.nanos(terms.longest()), Long.MAX_VALUE / 4);
    this.rankNanos = now - terms.priority().headStarts() * pacer.headStartNanos();
  }

  /**
   * Waits for room.
   *
   * @return fails with a {@link DeniedException}, a {@link NotSentException} or a {@link
   *     io.limiter.client.LimiterException}
   */
  CompletableFuture<Void> room() {
    Waiter next = new Waiter(request, endNanos, rankNanos, number);
    waiter = next;
    boolean again = tries++ > 0;
    var unused = Pause.of(backoffNanos).thenRun(() -> pacer.room().enter(next, again));
    if (cancelled) {
      next.room.cancel(false);
    }
    return next.room.handle(
        (admission, failure) -> {
          if (failure != null) {
            throw Pacer.unchecked(failure);
          }
          decision = admission;
          return null;
        });
  }

  /** Gives up waiting. */
  void cancel() {
    cancelled = true;
    Waiter waits = waiter;
    if (waits != null) {
      waits.room.cancel(false);
    }
  }

  /**
   * Hears what became of a try.
   *
   * @return whether it is to be repeated
   */
  boolean ended(UpstreamSaid said) {
    Waiter sent = waiter;
    Decision admission = decision;
    if (sent == null || admission == null) {
      throw new IllegalStateException("it was not sent");
    }
    Optional<Duration> block =
        said.observations().stream().flatMap(one -> one.blockedFor().stream()).findFirst();
    long told = block.map(Turn::nanos).orElse(0L);
    long blocked = pacer.room().ended(sent, said.outcome(), told);
    UpstreamSaid whole =
        blocked > told ? with(said, Observation.blocked(Duration.ofNanos(blocked))) : said;
    pacer.tell(whole, admission);
    backoffNanos =
        said.outcome() == UpstreamSaid.Outcome.UNAVAILABLE && blocked == 0
            ? ThreadLocalRandom.current()
                .nextLong(FIRST_BACKOFF_NANOS << Math.min(tries - 1, MOST_DOUBLINGS))
            : 0;
    return tries < pacer.mostTries()
        && !cancelled
        && terms.mayRepeatAfter(said.outcome())
        && Math.max(blocked, backoffNanos) < endNanos - System.nanoTime();
  }

  /** It was let go, and could not be sent. */
  void unsent() {
    Waiter waits = waiter;
    if (waits != null) {
      pacer.room().unsent(waits);
    }
  }

  private static UpstreamSaid with(UpstreamSaid said, Observation guess) {
    List<Observation> all = new ArrayList<>();
    boolean merged = false;
    for (Observation one : said.observations()) {
      boolean here = one.unit().isEmpty();
      all.add(here ? one.withBlock(guess.blockedFor().orElseThrow()) : one);
      merged |= here;
    }
    if (!merged) {
      all.add(guess);
    }
    return new UpstreamSaid(said.outcome(), all);
  }
}
