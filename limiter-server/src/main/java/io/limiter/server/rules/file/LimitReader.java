package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.LimitOutOfBoundsException;
import io.limiter.algorithm.Window;
import io.limiter.server.rules.LimitField;
import io.limiter.server.rules.LimitSyntax;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/** Makes limits of an algorithm and its numbers, and says where they do not fit together. */
final class LimitReader {
  private final Problems problems;

  LimitReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * The limit; empty after adding to the problems.
   *
   * @param own what the rule, override or candidate at hand says
   * @param inherited what it leaves unsaid
   * @param at where something that is missing is missing
   */
  Optional<Limit> read(Algorithm algorithm, Numbers own, Numbers inherited, Node at) {
    LimitSyntax syntax = LimitSyntax.of(algorithm);
    Numbers all = own.orElse(inherited);
    for (LimitField field : syntax.required()) {
      if (!all.has(field)) {
        problems.add(
            at,
            "%s is missing; %s needs it, such as %s: %s"
                .formatted(field.word(), algorithm.label(), field.word(), field.example()));
        return Optional.empty();
      }
    }
    if (syntax.fields().contains(LimitField.WINDOW) && !windowFits(algorithm, own, all, at)) {
      return Optional.empty();
    }
    try {
      return Optional.of(syntax.limit(all));
    } catch (LimitOutOfBoundsException e) {
      problems.add(
          culprit(syntax, own, e.field(), at),
          String.valueOf(e.getMessage()).replace("capacity", syntax.capacityField().word()));
      return Optional.empty();
    }
  }

  /** Calendar windows are for some algorithms, and time zones for calendar windows. */
  private boolean windowFits(Algorithm algorithm, Numbers own, Numbers all, Node at) {
    boolean isCalendar = all.window() instanceof Window.Calendar;
    boolean takesCalendar = LimitSyntax.of(algorithm).fields().contains(LimitField.ZONE);
    if (isCalendar && !takesCalendar) {
      problems.add(
          own.at(LimitField.WINDOW).orElse(at),
          "%s has no calendar windows; use a duration such as 30d, or algorithm: fixed-window"
              .formatted(algorithm.label()));
      return false;
    }
    Optional<Node> zone = own.at(LimitField.ZONE);
    if (!isCalendar && zone.isPresent()) {
      problems.add(
          zone.get(),
          "zone does not belong to window %s; remove it, or use window: day, week, month or year"
              .formatted(all.window()));
      return false;
    }
    return true;
  }

  /**
   * What is wrong with merged numbers is said where they were merged: what is inherited is fine.
   *
   * @param parameter of the algorithm
   */
  private static Node culprit(LimitSyntax syntax, Numbers own, String parameter, Node at) {
    List<LimitField> fields =
        switch (parameter) {
          case "rate", "period" -> List.of(LimitField.RATE);
          case "capacity" -> List.of(syntax.capacityField(), LimitField.RATE);
          case "limit" -> List.of(LimitField.LIMIT);
          case "hold" -> List.of(LimitField.HOLD);
          default -> List.of(LimitField.WINDOW);
        };
    return fields.stream()
        .flatMap(field -> own.at(field).stream())
        .findFirst()
        .or(own::first)
        .orElse(at);
  }
}
