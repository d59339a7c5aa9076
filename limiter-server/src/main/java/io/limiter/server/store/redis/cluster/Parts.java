package io.limiter.server.store.redis.cluster;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A question whose counters lie in several slots, divided into questions of one slot each. A
 * counter that is joined to one of another slot is there what that is here.
 *
 * @param entries those of the question, each as its slot is asked
 * @param deciding those that may deny, in the order of their slots
 * @param following those that cannot
 * @param joined the places of each entry and of what is joined to it in other slots
 * @param quotas the places of its quotas, each with what is joined to it, if they lie in several
 *     slots, and so deny together only when all were asked; else none
 */
public record Parts(
    List<Charge.Entry> entries,
    List<Part> deciding,
    List<Part> following,
    List<List<Integer>> joined,
    List<List<Integer>> quotas) {

  /**
   * Entries of one slot.
   *
   * @param places which entries of the question these are
   * @param following whether they cannot deny
   */
  public record Part(List<Integer> places, boolean following) {}

  /**
   * Divides a question. A slot decides if it has a counter that may deny. What is to be given back
   * comes last, each for itself, since it could not be taken again.
   *
   * @param slot tells the slot of a key
   */
  public static Parts of(Charge charge, ToIntFunction<String> slot) {
    List<Charge.Entry> entries = apart(charge.entries(), slot);
    List<List<Integer>> together = together(charge.entries());
    List<List<Integer>> quotas =
        together.stream()
            .filter(places -> entries.get(places.get(0)).role() == Role.QUOTA)
            .toList();
    Map<Integer, List<Integer>> bySlot = new TreeMap<>();
    List<Part> deciding = new ArrayList<>();
    List<Part> following = new ArrayList<>();
    List<Part> credits = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).cost() < 0 && charge instanceof Charge.Whole) {
        credits.add(new Part(List.of(i), true));
      } else {
        bySlot
            .computeIfAbsent(slot.applyAsInt(entries.get(i).key()), one -> new ArrayList<>())
            .add(i);
      }
    }
    for (List<Integer> places : bySlot.values()) {
      boolean decides =
          places.stream().map(place -> entries.get(place).role()).anyMatch(Role::canDeny);
      (decides ? deciding : following).add(new Part(List.copyOf(places), !decides));
    }
    following.addAll(credits);
    // A quota that does not deny alone is charged like a shadow.
    boolean quotasApart = slots(quotas.stream().flatMap(List::stream).toList(), entries, slot) > 1;
    return new Parts(
        quotasApart ? entries.stream().map(Parts::withoutQuota).toList() : entries,
        List.copyOf(deciding),
        List.copyOf(following),
        together.stream().filter(places -> slots(places, entries, slot) > 1).toList(),
        quotasApart ? quotas : List.of());
  }

  /** Entries as their slots are asked: none is joined to one of another slot. */
  private static List<Charge.Entry> apart(List<Charge.Entry> entries, ToIntFunction<String> slot) {
    List<Charge.Entry> apart = new ArrayList<>(entries.size());
    Charge.Entry head = entries.get(0);
    for (Charge.Entry entry : entries) {
      head = entry.role() == Role.JOINED ? head : entry;
      apart.add(
          slot.applyAsInt(head.key()) == slot.applyAsInt(entry.key())
              ? entry
              : as(head.role(), entry));
    }
    return List.copyOf(apart);
  }

  private static Charge.Entry withoutQuota(Charge.Entry entry) {
    return entry.role() == Role.QUOTA ? as(Role.SHADOW, entry) : entry;
  }

  private static Charge.Entry as(Role role, Charge.Entry entry) {
    return with(role, entry, entry.cost());
  }

  private static Charge.Entry with(Role role, Charge.Entry entry, long cost) {
    return new Charge.Entry(
        role,
        entry.key(),
        entry.limit(),
        cost,
        entry.onFailure(),
        /* lease= */ null,
        entry.learns(),
        entry.holding());
  }

  /**
   * Whether quotas in several slots deny the question.
   *
   * @param outcomes what each entry was told; null if that is not known, but it was admitted before
   */
  public boolean lacksQuota(@Nullable Outcome[] outcomes) {
    return !quotas.isEmpty()
        && quotas.stream()
            .noneMatch(places -> places.stream().allMatch(place -> admits(outcomes[place])));
  }

  private static boolean admits(@Nullable Outcome outcome) {
    return outcome == null || outcome.admits();
  }

  /**
   * The parts that charged a counter without one of another slot that it is joined to: that denies.
   */
  public List<Part> torn(@Nullable Outcome[] outcomes) {
    List<Integer> torn = tornPlaces(outcomes);
    return Stream.concat(deciding.stream(), following.stream())
        .filter(part -> part.places().stream().anyMatch(torn::contains))
        .toList();
  }

  /** The entries of a part as its slot is asked. */
  public List<Charge.Entry> asked(Part part) {
    return part.places().stream().map(entries::get).toList();
  }

  /** The same, where those are looked at that were charged without what they are joined to. */
  public List<Charge.Entry> untorn(Part part, @Nullable Outcome[] outcomes) {
    List<Integer> torn = tornPlaces(outcomes);
    return part.places().stream()
        .map(
            place -> {
              Charge.Entry entry = entries.get(place);
              return torn.contains(place) ? with(entry.role(), entry, 0) : entry;
            })
        .toList();
  }

  private List<Integer> tornPlaces(@Nullable Outcome[] outcomes) {
    return joined.stream()
        .filter(places -> !places.stream().allMatch(place -> admits(outcomes[place])))
        .flatMap(List::stream)
        .filter(place -> admits(outcomes[place]))
        .toList();
  }

  /** The places of each entry that is joined to none, with those of what is joined to it. */
  private static List<List<Integer>> together(List<Charge.Entry> entries) {
    List<List<Integer>> together = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).role() != Role.JOINED) {
        together.add(new ArrayList<>());
      }
      together.get(together.size() - 1).add(i);
    }
    return together;
  }

  private static long slots(
      List<Integer> places, List<Charge.Entry> entries, ToIntFunction<String> slot) {
    return places.stream()
        .mapToInt(place -> slot.applyAsInt(entries.get(place).key()))
        .distinct()
        .count();
  }
}
