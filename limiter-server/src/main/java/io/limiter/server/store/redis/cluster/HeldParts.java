package io.limiter.server.store.redis.cluster;

import io.limiter.ledger.Ending;
import io.limiter.ledger.Held;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a question holds in several slots, as their answers come. Not safe to share between threads.
 */
public final class HeldParts {
  private final Charge charge;
  private final List<Held> told;

  /** The name under which an earlier question holds, which this one repeats; else its own. */
  private String name;

  /**
   * Nothing yet.
   *
   * @param name of the holds that it takes
   */
  public HeldParts(Charge charge, String name) {
    this.charge = charge;
    this.name = name;
    told = new ArrayList<>(Collections.nCopies(charge.entries().size(), Held.NONE));
  }

  /** The name of its holds. */
  public String name() {
    return name;
  }

  /** The same for its answer: empty if it has no holds. */
  public String name(boolean admitted) {
    return admitted && charge.hasHolds() ? name : "";
  }

  /** A slot answered. */
  public void note(Parts.Part part, Answer.Decided decided) {
    if (!decided.held().isEmpty()) {
      name = decided.replayed() ? decided.holdName() : name;
      for (int i = 0; i < part.places().size(); i++) {
        told.set(part.places().get(i), decided.held().get(i));
      }
    }
  }

  /** What each of its counters holds; empty if none has a book. */
  public List<Held> told() {
    return charge.hasHolds() ? List.copyOf(told) : List.of();
  }

  /** How all that was taken goes back. */
  public Optional<Charge.Ending> release() {
    return release(IntStream.range(0, told.size()).boxed().toList());
  }

  /** The same of a part. */
  public Optional<Charge.Ending> release(Parts.Part part) {
    return release(part.places());
  }

  private Optional<Charge.Ending> release(List<Integer> places) {
    List<Ending.Hold> holds = new ArrayList<>();
    for (int i : places) {
      Held held = told.get(i);
      if (held.number() != 0) {
        Charge.Entry entry = charge.entries().get(i);
        holds.add(
            new Ending.Hold(entry.key(), entry.limit(), 0, 0, held.number(), held.expiresMicros()));
      }
    }
    return holds.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Charge.Ending(new Ending(Ending.What.RELEASE, name, holds), Charge.ANY_WAIT));
  }
}
