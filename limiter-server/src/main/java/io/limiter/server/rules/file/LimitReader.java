package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.algorithm.LimitOutOfBoundsException;
import io.limiter.algorithm.Window;
import io.limiter.server.rules.LimitField;
import io.limiter.server.rules.LimitSyntax;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import java.util.Locale;
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
   * @param tariff what is charged: of a weighted sum the limit is made in millionths
   * @param at where something that is missing is missing
   */
  Optional<Limit> read(
      Algorithm algorithm, Numbers own, Numbers inherited, Tariff tariff, Node at) {
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
    if (tariff.isWeighted()) {
      return inMillionths(syntax, own, all, at);
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

  /** What is said of bounds is said in whole units, as the file has them. */
  private Optional<Limit> inMillionths(LimitSyntax syntax, Numbers own, Numbers all, Node at) {
    for (LimitField field : syntax.fields()) {
      Optional<String> tooLarge = all.outsideMillionths(field);
      if (tooLarge.isPresent()) {
        problems.add(own.at(field).orElse(at), tooLarge.get());
        return Optional.empty();
      }
    }
    try {
      return Optional.of(syntax.limit(all.inMillionths()));
    } catch (LimitOutOfBoundsException e) {
      LimitField size =
          syntax.fields().contains(LimitField.LIMIT) ? LimitField.LIMIT : syntax.capacityField();
      long most = mostThatFits(syntax, all, size);
      problems.add(
          own.at(size).orElseGet(() -> culprit(syntax, own, e.field(), at)),
          "a rule with charge counts millionths, and so %s is too much here; use at most %d, or a larger unit"
              .formatted(size.word(), most));
      return Optional.empty();
    }
  }

  /** The largest size, in whole units, whose limit is in bounds. */
  private static long mostThatFits(LimitSyntax syntax, Numbers all, LimitField size) {
    long fits = 0;
    long passes = Tariff.MOST + 1;
    while (passes - fits > 1) {
      long tried = (fits + passes) / 2;
      try {
        var unused = syntax.limit(all.with(size, tried).inMillionths());
        fits = tried;
      } catch (LimitOutOfBoundsException tooMuch) {
        passes = tried;
      }
    }
    return fits;
  }

  /** Calendar windows are for some algorithms, and time zones for calendar windows. */
  private boolean windowFits(Algorithm algorithm, Numbers own, Numbers all, Node at) {
    boolean isCalendar = all.window() instanceof Window.Calendar;
    boolean takesCalendar = LimitSyntax.of(algorithm).fields().contains(LimitField.ZONE);
    if (all.window() instanceof Window.Never && !takesCalendar) {
      problems.add(
          own.at(LimitField.WINDOW).orElse(at),
          "%s counts what slides out of its window, so that cannot last for ever; use a duration such as 366d, or algorithm: fixed-window"
              .formatted(algorithm.label()));
      return false;
    }
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
    Optional<Node> from = own.at(LimitField.FROM);
    if (from.isPresent() && !all.isMonth()) {
      problems.add(
          from.get(),
          "from does not belong to window %s; remove it, or use window: month"
              .formatted(
                  all.window() instanceof Window.Calendar calendar
                      ? calendar.unit().name().toLowerCase(Locale.ROOT)
                      : all.window()));
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
