package io.limiter.server.faults;

import io.grpc.Status;
import io.limiter.client.Decision;
import io.limiter.client.LimiterException;
import io.limiter.client.Source;
import io.limiter.server.api.Failures;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.stream.Collectors;

/** What became of the questions that were asked around one fault. Safe to use from any thread. */
final class Turn {
  /** A name that no other turn has: counters are called by it. */
  final String name;

  private final ConcurrentMap<String, AtomicInteger> sources = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, AtomicInteger> errors = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, AtomicInteger> broken = new ConcurrentHashMap<>();
  private final LongAccumulator longestHurried = new LongAccumulator(Math::max, 0);
  private final LongAccumulator longestPatient = new LongAccumulator(Math::max, 0);
  private final Set<Long> admittedByRedis = ConcurrentHashMap.newKeySet();
  private final AtomicLong lastId = new AtomicLong();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger askedOfLimit = new AtomicInteger();
  private final AtomicInteger admitted = new AtomicInteger();
  private final AtomicInteger denied = new AtomicInteger();

  Turn(String name) {
    this.name = name;
  }

  /** A question that is about to be asked; its number, by which Redis counts it. */
  long begin() {
    underWay.incrementAndGet();
    return lastId.incrementAndGet();
  }

  /** A question that is not asked after all. */
  void drop() {
    underWay.decrementAndGet();
  }

  /** Notes what became of a question. */
  void end(long id, Caller caller, Decision decision, long nanos) {
    asked.incrementAndGet();
    (caller.patient() ? longestPatient : longestHurried).accumulate(nanos);
    count(sources, decision.source().name());
    decision
        .failure()
        .ifPresent(
            why -> {
              count(errors, why.code().name());
              if (isBroken(caller, why)) {
                count(broken, caller + ": " + why.getMessage());
              }
            });
    boolean byRedis = decision.source() == Source.REDIS;
    switch (caller.asks()) {
      case LIMIT -> {
        askedOfLimit.incrementAndGet();
        admitted.addAndGet(decision.allowed() ? 1 : 0);
        if (!decision.allowed() && (byRedis || decision.source() == Source.DENY_CACHE)) {
          denied.incrementAndGet();
        }
      }
      case EACH, EACH_WITH_KEY -> {
        if (decision.allowed() && byRedis) {
          admittedByRedis.add(id);
        }
      }
      case CLOSED -> {}
    }
    if (!caller.asks().isAnsweredBy(decision)) {
      count(broken, caller + ": allowed is " + decision.allowed() + " by " + decision.source());
    }
    underWay.decrementAndGet();
  }

  /**
   * On a busy machine a caller in a hurry may be late by itself, or be refused since it would be;
   * one that is patient may not.
   */
  private static boolean isBroken(Caller caller, LimiterException why) {
    return caller.patient()
        || (why.code() != Status.Code.DEADLINE_EXCEEDED
            && !String.valueOf(why.getMessage()).contains(Failures.UNREAD.getMessage()));
  }

  private static void count(ConcurrentMap<String, AtomicInteger> in, String what) {
    in.computeIfAbsent(what, none -> new AtomicInteger()).incrementAndGet();
  }

  private static Map<String, Integer> counts(ConcurrentMap<String, AtomicInteger> of) {
    return of.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, one -> one.getValue().get(), (a, b) -> a, TreeMap::new));
  }

  boolean isOver() {
    return underWay.get() == 0;
  }

  int asked() {
    return asked.get();
  }

  int askedOfLimit() {
    return askedOfLimit.get();
  }

  /** How many were admitted under the limit, by whatever decided. */
  int admitted() {
    return admitted.get();
  }

  /** How many Redis denied under the limit. */
  int denied() {
    return denied.get();
  }

  /** Those that are counted one by one, and that Redis admitted. */
  Set<Long> admittedByRedis() {
    return admittedByRedis;
  }

  Map<String, Integer> sources() {
    return counts(sources);
  }

  Map<String, Integer> errors() {
    return counts(errors);
  }

  /** What no caller should have met, unless the fault is of that kind. */
  Map<String, Integer> broken() {
    return counts(broken);
  }

  long longestHurriedNanos() {
    return longestHurried.get();
  }

  long longestPatientNanos() {
    return longestPatient.get();
  }
}
