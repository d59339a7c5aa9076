package io.limiter.server.store.fallback;

import io.limiter.algorithm.Bounds;
import io.limiter.algorithm.FixedWindow;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.Outcome;
import io.limiter.ledger.FailureMode;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.Fallback;
import io.limiter.server.store.Source;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.local.LocalCounterStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each rule gives the answer that it has for this case: it admits unchecked, it denies, or it
 * decides by this instance's share of its limit. All of a question's rules are then combined as the
 * shared counters would.
 *
 * <p>A local counter knows nothing of what the shared one had counted. So while those are away, the
 * instances together admit at most the limit once more in each window, and one each for rounding: a
 * share is the limit divided by the instances, and at least 1. What is admitted by a share is owed
 * to the shared counter, and charged once that can be asked again.
 *
 * <p>The local counters are bounded in number; those that were asked least recently go first. No
 * receipt is given, since nobody else would know it.
 */
public final class RuleFallback implements Fallback {
  /** A caller that is denied unchecked may ask again then: so soon a broken connection is made. */
  static final long RETRY_MICROS = 1_000_000;

  private static final Logger log = LoggerFactory.getLogger(RuleFallback.class);
  private static final int MOST_COUNTERS = 100_000;
  private static final FixedWindow ALWAYS = FixedWindow.per(1_000, Bounds.MAX_COUNT);
  private static final FixedWindow NEVER = FixedWindow.per(1_000, 0);

  private final LocalCounterStore local;
  private final IntSupplier instances;
  private final boolean onOverload;
  private final Creditor creditor;

  /** Hears what counters are owed. */
  interface Creditor {
    /** Is owed nothing. */
    Creditor FORGETTING =
        new Creditor() {
          @Override
          public long nanoTime() {
            return System.nanoTime();
          }

          @Override
          public void owe(Owing owing, long atNanos) {}

          @Override
          public void oweUnlessCharged(
              Charge.Idempotency question, List<String> counters, List<Owing> all, long atNanos) {}

          @Override
          public void inDoubt(long cost) {}
        };

    /** What time it is, by {@link System#nanoTime}. */
    long nanoTime();

    /**
     * A counter has not been charged.
     *
     * @param atNanos when it was admitted
     */
    void owe(Owing owing, long atNanos);

    /**
     * Counters have not been charged by a question here, but its caller may have asked it again
     * elsewhere: they are owed it unless Redis was asked it, which its record there tells.
     *
     * @param counters the keys of all of its counters
     * @param all what would be owed
     */
    void oweUnlessCharged(
        Charge.Idempotency question, List<String> counters, List<Owing> all, long atNanos);

    /** So much may have been charged to counters, or not, which nobody will know. */
    void inDoubt(long cost);
  }

  /**
   * Fallbacks of rules.
   *
   * @param nowMicros the time, in microseconds since the epoch
   * @param instances how many instances share the limits, 1 or more
   * @param onOverload whether they answer what is refused as overload too
   * @param settler charges afterwards what is admitted here
   */
  public RuleFallback(
      LongSupplier nowMicros, IntSupplier instances, boolean onOverload, Settler settler) {
    this(nowMicros, instances, onOverload, settler, MOST_COUNTERS);
  }

  /** The same, and nothing is charged afterwards. */
  public RuleFallback(LongSupplier nowMicros, IntSupplier instances, boolean onOverload) {
    this(nowMicros, instances, onOverload, Creditor.FORGETTING, MOST_COUNTERS);
  }

  RuleFallback(
      LongSupplier nowMicros,
      IntSupplier instances,
      boolean onOverload,
      Creditor creditor,
      int mostCounters) {
    this.local = new LocalCounterStore(nowMicros, mostCounters);
    this.instances = instances;
    this.onOverload = onOverload;
    this.creditor = creditor;
  }

  /**
   * Overload is no reason unless the operator says so: the caller comes again, and Redis answers.
   * Nor is a defect, which local answers would hide.
   */
  private boolean isReason(StoreException failure) {
    return failure.kind() == StoreException.Kind.OVERLOADED
        ? onOverload
        : !failure.kind().isDefect();
  }

  @Override
  public boolean answersOverload() {
    return onOverload;
  }

  @Override
  public @Nullable Answer answer(Charge charge, StoreException failure) {
    if (!isReason(failure) || charge instanceof Charge.Ending) {
      return null;
    }
    log.warn("Redis does not decide, each rule's on-redis-failure does: {}", failure.getMessage());
    int sharing = instances.getAsInt();
    return charge instanceof Charge.Any any
        ? any(any, sharing, failure.charged())
        : one(charge, sharing, failure.charged());
  }

  @Override
  public @Nullable Answer ended(Charge.Ending ending) {
    return local.isLocal(ending.asked().name()) ? local.decideNow(ending) : null;
  }

  /** Alternatives one after the other, until one is admitted. */
  private Answer any(Charge.Any any, int sharing, @Nullable CompletionStage<Boolean> charged) {
    List<Answer.Decided> told = new ArrayList<>();
    for (int i = 0; i < any.alternatives().size(); i++) {
      if (!(one(any.alternatives().get(i), sharing, charged) instanceof Answer.Decided decided)) {
        return new Answer.Conflict(i);
      }
      told.add(decided);
      if (decided.admitted()) {
        break;
      }
    }
    return new Answer.Any(0, told);
  }

  private Answer one(Charge charge, int sharing, @Nullable CompletionStage<Boolean> charged) {
    List<Charge.Entry> entries = new ArrayList<>(charge.entries().size());
    for (Charge.Entry entry : charge.entries()) {
      entries.add(stoodInFor(entry, sharing));
    }
    Charge asked =
        charge instanceof Charge.Whole whole
            ? new Charge.Whole(entries, /* wantReceipt= */ false, whole.idempotency())
            : new Charge.Counting(entries);
    Map<String, Long> costs = new HashMap<>();
    Answer answer = local.decideNow(asked, costs);
    owe(charge, costs, charged);
    return answer instanceof Answer.Decided decided
        ? told(charge.entries(), decided)
        : new Answer.Conflict();
  }

  /**
   * What was charged here is owed to the shared counters, unless Redis charged the question too: it
   * did not answer, which is not to say that it did nothing.
   *
   * @param charged whether Redis did; null if it did not
   */
  private void owe(
      Charge charge, Map<String, Long> costs, @Nullable CompletionStage<Boolean> charged) {
    List<Owing> all = new ArrayList<>();
    for (Charge.Entry entry : charge.entries()) {
      long cost = costs.getOrDefault(entry.key(), 0L);
      if (entry.onFailure() == FailureMode.LOCAL && cost != 0) {
        all.add(new Owing(entry.key(), entry.limit().counter(), cost));
        costs.remove(entry.key());
      }
    }
    if (all.isEmpty()) {
      return;
    }
    long now = creditor.nanoTime();
    if (charge instanceof Charge.Whole whole && whole.idempotency() != null) {
      List<String> counters = charge.entries().stream().map(Charge.Entry::key).toList();
      creditor.oweUnlessCharged(whole.idempotency(), counters, all, now);
    } else if (charged == null) {
      all.forEach(one -> creditor.owe(one, now));
    } else {
      var unused =
          charged.whenComplete(
              (done, unknown) -> {
                if (unknown != null) {
                  all.forEach(one -> creditor.inDoubt(one.cost()));
                } else if (!done) {
                  all.forEach(one -> creditor.owe(one, now));
                }
              });
    }
  }

  /** The entry with the limit by which it is decided here. */
  private static Charge.Entry stoodInFor(Charge.Entry entry, int sharing) {
    return switch (entry.onFailure()) {
      case LOCAL -> with(entry, entry.limit().share(sharing), entry.cost());
      // A look is always admitted, and keeps no counter.
      case OPEN -> with(entry, ALWAYS, 0);
      case CLOSED -> with(entry, NEVER, Math.max(1, entry.cost()));
    };
  }

  private static Charge.Entry with(Charge.Entry entry, Limit limit, long cost) {
    return new Charge.Entry(
        entry.role(),
        entry.key(),
        limit,
        cost,
        entry.onFailure(),
        /* lease= */ null,
        /* learns= */ false,
        entry.onFailure() == FailureMode.LOCAL ? entry.holding() : null);
  }

  private static Answer.Decided told(List<Charge.Entry> entries, Answer.Decided decided) {
    List<Outcome> outcomes = new ArrayList<>(decided.outcomes().size());
    for (int i = 0; i < decided.outcomes().size(); i++) {
      outcomes.add(told(entries.get(i), decided.outcomes().get(i)));
    }
    return new Answer.Decided(
        decided.admitted(),
        outcomes,
        decided.nowMicros(),
        /* receipt= */ null,
        decided.replayed(),
        source(entries, decided.admitted()),
        decided.holdName(),
        decided.held());
  }

  private static Outcome told(Charge.Entry entry, Outcome here) {
    return switch (entry.onFailure()) {
      case LOCAL -> here;
      case OPEN -> new Outcome.Admitted(entry.limit().limit(), 0, 0);
      case CLOSED -> new Outcome.Denied(0, RETRY_MICROS, RETRY_MICROS);
    };
  }

  /** What decided: a denial without counting, else local counting, else nothing at all. */
  private static Source source(List<Charge.Entry> entries, boolean admitted) {
    boolean local = false;
    for (Charge.Entry entry : entries) {
      if (entry.role().canDeny()) {
        if (!admitted && entry.onFailure() == FailureMode.CLOSED) {
          return Source.FAIL_CLOSED;
        }
        local |= entry.onFailure() == FailureMode.LOCAL;
      }
    }
    return local ? Source.LOCAL_FALLBACK : Source.FAIL_OPEN;
  }

  /** How many counters are kept here. */
  public int counters() {
    return local.size();
  }
}
