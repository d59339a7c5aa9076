package io.limiter.testing.history;

import io.limiter.algorithm.Limit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A counter in one place: in one life of Redis, or in one instance. Here is what that place said,
 * what it surely had charged, and what it may have.
 *
 * @param name of the place, for people
 * @param key the counter
 * @param limit what it admits there
 * @param answers what it surely said: admissions and denials
 * @param certain what it surely had charged
 * @param possible all that it may have charged
 */
record Scope(
    String name,
    String key,
    Limit limit,
    List<Event> answers,
    List<Event> certain,
    List<Charge> possible) {

  /** All that is wrong here: of each law the worst. */
  List<Violation> violations() {
    Law law = Law.of(limit);
    Charges charged = Charges.of(certain.stream().map(law::placed).toList());
    List<Violation> violations = new ArrayList<>();
    overLimit(law, charged).ifPresent(violations::add);
    givenTwice(law).ifPresent(violations::add);
    forgotten(law, charged).ifPresent(violations::add);
    invented(law).ifPresent(violations::add);
    return violations;
  }

  private Optional<Violation> overLimit(Law law, Charges charged) {
    return law.mostOver(charged, 1)
        .map(
            excess -> {
              String what =
                  "%s admitted more than %s between %s and %s: %d too many"
                      .formatted(
                          name,
                          Violation.shown(limit),
                          Violation.time(excess.from()),
                          Violation.time(excess.to()),
                          law.costs(excess.units()));
              return new Violation(
                  Violation.Law.OVER_LIMIT, key, what, Violation.events(excess.charges()));
            });
  }

  /**
   * In a window of the clock the counter only rises. So an admission says by what it left which
   * part of the limit it got, and no two got the same: also if they overlap in time, so that their
   * order is not known.
   */
  private Optional<Violation> givenTwice(Law law) {
    if (!(law instanceof FixedWindowLaw fixed)) {
      return Optional.empty();
    }
    Map<Long, List<Event>> windows = new TreeMap<>();
    for (Event event : certain) {
      Charge charge = law.placed(event);
      if (fixed.isPlaced(charge)) {
        windows
            .computeIfAbsent(fixed.window(charge.earliest()), start -> new ArrayList<>())
            .add(event);
      }
    }
    for (List<Event> window : windows.values()) {
      window.sort(Comparator.comparingLong(event -> event.answer().remaining()));
      for (int i = 1; i < window.size(); i++) {
        Event one = window.get(i);
        Event next = window.get(i - 1);
        long twice = next.answer().remaining() + next.cost() - one.answer().remaining();
        if (twice > 0) {
          String what =
              "%s gave %d twice of %s"
                  .formatted(name, Math.min(twice, one.cost()), Violation.shown(limit));
          return Optional.of(
              new Violation(Violation.Law.GIVEN_TWICE, key, what, List.of(one, next)));
        }
      }
    }
    return Optional.empty();
  }

  /** Each answer has seen what was surely charged before it, and is still counted. */
  private Optional<Violation> forgotten(Law law, Charges charged) {
    Violation worst = null;
    long most = 0;
    for (Event event : answers) {
      Charge decision = law.placed(event);
      long used = law.leastUsed(charged, decision) + own(event) * law.unitsPerCost();
      long room = Math.floorDiv(law.capacity() - used, law.unitsPerCost());
      long left = event.answer().admitted() ? room : Math.max(0, room);
      long by = event.answer().remaining() - left;
      if (by > most) {
        most = by;
        String what =
            "%s said that %d are left of %s, and %d can be: it forgot %d"
                .formatted(name, event.answer().remaining(), Violation.shown(limit), left, by);
        worst = new Violation(Violation.Law.FORGOTTEN, key, what, around(event, certain));
      }
    }
    return Optional.ofNullable(worst);
  }

  /** No answer has seen more than can have been charged before it. */
  private Optional<Violation> invented(Law law) {
    Charges may = Charges.of(possible);
    Violation worst = null;
    long most = 0;
    for (Event event : answers) {
      Charge decision = law.placed(event);
      long counted = (event.answer().remaining() + own(event)) * law.unitsPerCost();
      long used = law.capacity() - counted - (law.rounding() - 1);
      long by = used - law.mostUsed(may, decision);
      if (by > most) {
        most = by;
        String what =
            "%s said that %d are left of %s, although nobody can have used so much: %d too many"
                .formatted(name, event.answer().remaining(), Violation.shown(limit), law.costs(by));
        worst =
            new Violation(
                Violation.Law.INVENTED,
                key,
                what,
                around(event, possible.stream().map(Charge::event).toList()));
      }
    }
    return Optional.ofNullable(worst);
  }

  private static long own(Event event) {
    return event.answer().admitted() ? event.cost() : 0;
  }

  /** What was charged in the last window before an event, and the event itself. */
  private List<Event> around(Event event, List<Event> charges) {
    long since = event.asked() - limit.windowMicros(event.asked());
    List<Event> around = new ArrayList<>();
    for (Event charge : charges) {
      if (!charge.equals(event)
          && charge.asked() <= event.answered()
          && charge.answered() >= since) {
        around.add(charge);
      }
    }
    around.sort(Comparator.comparingLong(Event::asked));
    around.add(event);
    return around;
  }
}
