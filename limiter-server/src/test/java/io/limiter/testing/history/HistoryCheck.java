package io.limiter.testing.history;

import io.limiter.ledger.FailureMode;
import io.limiter.testing.history.Event.By;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Explains every admission of a history: by Redis, by the share of an instance, or by what Redis is
 * known to have lost. What it cannot explain is a {@link Violation}.
 *
 * <p>It knows of each decision only that it was made between question and answer. So it counts as
 * charged what must have been, for the laws that bound from above, and what may have been, for
 * those that bound from below. It raises no false alarm however slow the machine is, and sees less
 * there. A question without an answer may have been charged or not, as long as somebody waited.
 * These ideas are those of Jepsen and its checker Knossos (K. Kingsbury, "Strong consistency
 * models" and github.com/jepsen-io/knossos): questions are noted before they are sent and answers
 * after they came; what was not answered stays possible; and each counter is checked by itself (M.
 * Herlihy and J. Wing, "Linearizability", ACM TOPLAS 12, 1990: it is a local property). A search
 * for an order of all decisions is not needed, since limits are sums over times.
 *
 * <p>It expects that nothing is given back, that a question asks one counter, and that counters in
 * Redis and in the instances go by the clock of this host.
 */
public final class HistoryCheck {
  private final History history;
  private final Faults faults;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, Long> lost = new TreeMap<>();
  private long judged;
  private long unjudged;

  private HistoryCheck(History history) {
    this.history = history;
    this.faults = history.faults();
  }

  /** Checks a history. */
  public static Verdict check(History history) {
    return new HistoryCheck(history).verdict();
  }

  private Verdict verdict() {
    Map<String, List<Event>> byKey = new TreeMap<>();
    Map<By, Long> answers = new EnumMap<>(By.class);
    for (Event event : history.events()) {
      byKey.computeIfAbsent(event.key(), key -> new ArrayList<>()).add(event);
      answers.merge(event.answer().by(), 1L, Long::sum);
    }
    byKey.forEach(
        (key, events) -> {
          events.sort(Comparator.comparingLong(Event::asked));
          check(key, counter(key), events);
        });
    return new Verdict(List.copyOf(violations), answers, judged, unjudged, lost);
  }

  private Counter counter(String key) {
    return Optional.ofNullable(history.counters().get(key))
        .orElseThrow(() -> new IllegalArgumentException("nothing is known of the counter " + key));
  }

  private void check(String key, Counter counter, List<Event> events) {
    answersOfItsOwn(key, counter, events);
    List<Event> ofRedis = events.stream().filter(by(By.REDIS)).toList();
    ofRedis.forEach(this::wasThere);
    lives(key, counter, events, ofRedis);
    losses(key, counter, ofRedis);
    Map<String, List<Event>> byInstance = new TreeMap<>();
    for (Event event : events) {
      byInstance.computeIfAbsent(event.instance(), name -> new ArrayList<>()).add(event);
    }
    byInstance.forEach((instance, its) -> share(key, counter, instance, its));
  }

  private static Predicate<Event> by(By by) {
    return event -> event.answer().by() == by;
  }

  /** Each rule says who answers while Redis is away. */
  private void answersOfItsOwn(String key, Counter counter, List<Event> events) {
    for (Event event : events) {
      FailureMode mode = counter.onFailure();
      boolean right =
          switch (event.answer().by()) {
            case REDIS -> true;
            case LOCAL -> mode == FailureMode.LOCAL;
            case OPEN -> mode == FailureMode.OPEN && event.answer().admitted();
            case CLOSED -> mode == FailureMode.CLOSED && !event.answer().admitted();
            case DENY_CACHE, NOBODY -> !event.answer().admitted();
          };
      if (!right) {
        violations.add(
            new Violation(
                Violation.Law.OTHER_ANSWER,
                key,
                "a rule whose answer is %s, and here is another".formatted(mode),
                List.of(event)));
        return;
      }
    }
  }

  private void wasThere(Event event) {
    long lives = faults.redis().stream().filter(life -> life.mayHaveMade(event)).count();
    judged += lives == 1 ? 1 : 0;
    unjudged += lives > 1 ? 1 : 0;
    if (lives == 0 || faults.pauses().stream().anyMatch(pause -> pause.holds(event))) {
      violations.add(
          new Violation(
              Violation.Law.REDIS_WAS_AWAY,
              event.key(),
              "no Redis was there to decide it",
              List.of(event)));
    }
  }

  /** The counter in each life of Redis. */
  private void lives(String key, Counter counter, List<Event> events, List<Event> ofRedis) {
    Law law = Law.of(counter.limit());
    List<Event> certain = new ArrayList<>();
    Set<Charge> possible = Collections.newSetFromMap(new IdentityHashMap<>());
    IdentityHashMap<Event, List<Charge>> charges = new IdentityHashMap<>();
    events.forEach(event -> charges.put(event, mayCharge(law, event)));
    for (int i = 0; i < faults.redis().size(); i++) {
      Incarnation life = faults.redis().get(i);
      if (life.keptUntil().isEmpty()) {
        certain.clear();
        possible.clear();
      } else {
        certain.removeIf(event -> event.answered() >= life.keptUntil().getAsLong());
      }
      List<Event> answers = ofRedis.stream().filter(event -> isOnlyOf(life, event)).toList();
      answers.stream().filter(event -> event.answer().admitted()).forEach(certain::add);
      for (Event event : events) {
        charges.get(event).stream()
            .filter(charge -> mayBeMadeIn(life, charge))
            .forEach(possible::add);
      }
      violations.addAll(
          new Scope(
                  "Redis in its life " + (i + 1),
                  key,
                  counter.limit(),
                  answers,
                  List.copyOf(certain),
                  List.copyOf(possible))
              .violations());
    }
  }

  private boolean isOnlyOf(Incarnation life, Event event) {
    return life.mayHaveMade(event)
        && faults.redis().stream().filter(each -> each.mayHaveMade(event)).count() == 1;
  }

  /**
   * What an event may have charged to Redis. What was answered in its place may have been charged
   * by then, if only the reply was lost. What an instance admitted may be charged to Redis
   * afterwards, as if that had decided it.
   */
  private List<Charge> mayCharge(Law law, Event event) {
    Charge waited = Charge.between(event).until(event.asked() + faults.patience());
    return switch (event.answer().by()) {
      case REDIS -> event.answer().admitted() ? List.of(law.placed(event)) : List.of();
      case DENY_CACHE -> List.of();
      case OPEN, CLOSED, NOBODY -> List.of(waited);
      case LOCAL ->
          event.answer().admitted() ? List.of(waited, law.placed(event)) : List.of(waited);
    };
  }

  private static boolean mayBeMadeIn(Incarnation life, Charge charge) {
    boolean early = charge.earliest() <= life.to();
    return charge.event().admittedBy(By.LOCAL) ? early : early && life.from() <= charge.latest();
  }

  /** All lives together admit no more than the limit each, and what is over it is counted. */
  private void losses(String key, Counter counter, Collection<Event> ofRedis) {
    Law law = Law.of(counter.limit());
    Charges admitted =
        Charges.of(
            ofRedis.stream().filter(event -> event.answer().admitted()).map(law::placed).toList());
    law.mostOver(admitted, 1)
        .ifPresent(excess -> lost.merge(key, law.costs(excess.units()), Math::max));
    law.mostOver(admitted, faults.redis().size())
        .ifPresent(
            excess ->
                violations.add(
                    new Violation(
                        Violation.Law.LOST_TOO_MUCH,
                        key,
                        "Redis began %d times, and admitted %d more than that many limits of %s"
                            .formatted(
                                faults.redis().size(), law.costs(excess.units()), counter.limit()),
                        Violation.events(excess.charges()))));
  }

  /**
   * The counter in an instance: what it admits is bounded by its share among the fewest. What it
   * says to have counted can be checked only while all know of as many.
   */
  private void share(String key, Counter counter, String instance, List<Event> events) {
    Law law = Law.of(counter.limit().share(faults.leastInstances()));
    List<Event> answers = events.stream().filter(by(By.LOCAL)).toList();
    List<Event> admitted = answers.stream().filter(event -> event.answer().admitted()).toList();
    List<Charge> possible = new ArrayList<>();
    for (Event event : events) {
      if (event.admittedBy(By.LOCAL)) {
        possible.add(law.placed(event));
      } else if (event.answer().by() == By.NOBODY) {
        possible.add(Charge.between(event).until(event.asked() + faults.patience()));
      }
    }
    Scope scope =
        new Scope(
            "instance " + instance + ", by its share,",
            key,
            counter.limit().share(faults.leastInstances()),
            answers,
            admitted,
            possible);
    boolean oneShare = faults.leastInstances() == faults.mostInstances();
    scope.violations().stream()
        .filter(violation -> oneShare || violation.law().holdsBelow())
        .forEach(violations::add);
  }
}
