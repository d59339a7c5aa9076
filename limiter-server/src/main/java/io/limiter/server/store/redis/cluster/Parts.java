package io.limiter.server.store.redis.cluster;

import io.limiter.algorithm.Outcome;
import io.limiter.ledger.Role;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A question whose counters lie in several slots, divided into questions of one slot each.
 *
 * @param deciding those that may deny, in the order of their slots
 * @param following those that cannot
 * @param quotasApart whether its quotas lie in several slots, and so deny together only when all
 *     were asked
 */
public record Parts(List<Part> deciding, List<Part> following, boolean quotasApart) {

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
    List<Charge.Entry> entries = charge.entries();
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
          places.stream()
              .map(place -> entries.get(place).role())
              .anyMatch(role -> role == Role.ENFORCED || role == Role.QUOTA);
      (decides ? deciding : following).add(new Part(List.copyOf(places), !decides));
    }
    following.addAll(credits);
    return new Parts(List.copyOf(deciding), List.copyOf(following), quotasApart(entries, slot));
  }

  /** An entry as its slot is asked: a quota that does not deny alone is charged like a shadow. */
  public Charge.Entry asked(Charge.Entry entry) {
    return quotasApart && entry.role() == Role.QUOTA
        ? new Charge.Entry(
            Role.SHADOW,
            entry.key(),
            entry.limit(),
            entry.cost(),
            entry.onFailure(),
            /* lease= */ null,
            entry.learns(),
            entry.holding())
        : entry;
  }

  /**
   * Whether quotas in several slots deny the question.
   *
   * @param outcomes what each entry was told; null if that is not known, but it was admitted before
   */
  public boolean lacksQuota(Charge charge, @Nullable Outcome[] outcomes) {
    boolean any = false;
    for (int i = 0; quotasApart && i < outcomes.length; i++) {
      Outcome outcome = outcomes[i];
      any |= charge.entries().get(i).role() == Role.QUOTA && (outcome == null || outcome.admits());
    }
    return quotasApart && !any;
  }

  private static boolean quotasApart(List<Charge.Entry> entries, ToIntFunction<String> slot) {
    return entries.stream()
            .filter(entry -> entry.role() == Role.QUOTA)
            .mapToInt(entry -> slot.applyAsInt(entry.key()))
            .distinct()
            .count()
        > 1;
  }
}
