package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Window;
import io.limiter.server.rules.BillingDay;
import io.limiter.server.rules.LimitField;
import io.limiter.server.rules.LimitSyntax;
import io.limiter.server.rules.Rate;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The numbers of a limit, as far as a rule, an override or a candidate gives them, and where.
 * Immutable.
 */
final class Numbers implements LimitSyntax.Numbers {
  /** None at all. */
  static final Numbers NONE = new Numbers(new EnumMap<>(LimitField.class));

  private final Map<LimitField, Located<?>> given;

  private Numbers(Map<LimitField, Located<?>> given) {
    this.given = given;
  }

  /**
   * Reads them, and says which do not belong to the algorithm, if that is known. A rule of any
   * algorithm may hold.
   */
  static Numbers ofRule(Fields fields, Optional<Algorithm> algorithm, Problems problems) {
    algorithm.ifPresent(known -> rejectOthers(fields, known, Set.of(LimitField.HOLD), problems));
    return given(fields);
  }

  /** The same of an override or a candidate. */
  static Numbers read(Fields fields, Optional<Algorithm> algorithm, Problems problems) {
    algorithm.ifPresent(known -> rejectOthers(fields, known, Set.of(), problems));
    return given(fields);
  }

  private static Numbers given(Fields fields) {
    Map<LimitField, Located<?>> given = new EnumMap<>(LimitField.class);
    for (LimitField field : LimitField.values()) {
      fields
          .read(field.word(), text -> parse(field, text))
          .ifPresent(number -> given.put(field, number));
    }
    return new Numbers(given);
  }

  private static Object parse(LimitField field, String text) {
    return switch (field) {
      case RATE -> Syntax.rate(text);
      case BURST, CAPACITY, LIMIT -> Syntax.count(field.word(), text);
      case WINDOW -> Syntax.window(text);
      case ZONE -> Syntax.zone(text);
      case HOLD -> Syntax.hold(text);
      case FROM -> Syntax.from(text);
    };
  }

  private static void rejectOthers(
      Fields fields, Algorithm algorithm, Set<LimitField> allowed, Problems problems) {
    List<LimitField> taken = LimitSyntax.of(algorithm).fields();
    String takes = String.join(", ", LimitField.words(taken));
    for (LimitField field : LimitField.values()) {
      if (!taken.contains(field) && !allowed.contains(field)) {
        fields
            .get(field.word())
            .ifPresent(
                node ->
                    problems.add(
                        node,
                        "%s does not belong to %s; it takes %s"
                            .formatted(field.word(), algorithm.label(), takes)));
      }
    }
  }

  /** These numbers, and those of {@code base} where these say nothing. */
  Numbers orElse(Numbers base) {
    Map<LimitField, Located<?>> all = new EnumMap<>(LimitField.class);
    all.putAll(base.given);
    all.putAll(given);
    return new Numbers(all);
  }

  /** These numbers, with another of a field that has one. */
  Numbers with(LimitField field, long count) {
    Map<LimitField, Located<?>> all = new EnumMap<>(LimitField.class);
    all.putAll(given);
    all.put(field, new Located<>(count, first().orElseThrow()));
    return new Numbers(all);
  }

  /** Why a field's number cannot be counted in millionths; empty if it can. */
  Optional<String> outsideMillionths(LimitField field) {
    if (!has(field) || !field.isAmount()) {
      return Optional.empty();
    }
    boolean isRate = field == LimitField.RATE;
    long number = isRate ? rate().amount() : count(field);
    long least = isRate ? 1 : 0;
    return number >= least && number <= Tariff.MOST
        ? Optional.empty()
        : Optional.of(
            "%s %d is out of range for a rule with charge, which counts millionths; use %d to %d, or a larger unit"
                .formatted(field.word(), number, least, Tariff.MOST));
  }

  /** The same counts and rates, of which none is outside, in millionths. */
  Numbers inMillionths() {
    Map<LimitField, Located<?>> all = new EnumMap<>(LimitField.class);
    given.forEach(
        (field, number) -> all.put(field, field.isAmount() ? inMillionths(number) : number));
    return new Numbers(all);
  }

  private static Located<?> inMillionths(Located<?> number) {
    if (number.value() instanceof Rate rate) {
      return new Located<>(
          new Rate(rate.amount() * Tariff.MILLIONTHS, rate.periodMicros()), number.at());
    }
    return number.value() instanceof Long count
        ? new Located<>(count * Tariff.MILLIONTHS, number.at())
        : number;
  }

  boolean isEmpty() {
    return given.isEmpty();
  }

  boolean has(LimitField field) {
    return given.containsKey(field);
  }

  /** Where a field is given. */
  Optional<Node> at(LimitField field) {
    return Optional.<Located<?>>ofNullable(given.get(field)).map(Located::at);
  }

  /** Where the first of them is given. */
  Optional<Node> first() {
    return given.values().stream().findFirst().map(Located::at);
  }

  @Override
  public long count(LimitField field) {
    return value(field, Long.class).orElseThrow();
  }

  @Override
  public long countOr(LimitField field, long otherwise) {
    return value(field, Long.class).orElse(otherwise);
  }

  @Override
  public Rate rate() {
    return value(LimitField.RATE, Rate.class).orElseThrow();
  }

  @Override
  public Window window() {
    Window window = value(LimitField.WINDOW, Window.class).orElseThrow();
    if (!(window instanceof Window.Calendar calendar)) {
      return window;
    }
    ZoneId zone = value(LimitField.ZONE, ZoneId.class).orElse(calendar.zone());
    return new Window.Calendar(
        calendar.unit(), zone, isMonth() ? from().map(BillingDay::day).orElse(1) : 1);
  }

  /** Whether the window is a month of the calendar. */
  boolean isMonth() {
    return value(LimitField.WINDOW, Window.class).orElse(null) instanceof Window.Calendar calendar
        && calendar.unit() == Window.Calendar.Unit.MONTH;
  }

  private Optional<BillingDay> from() {
    return value(LimitField.FROM, BillingDay.class);
  }

  /** The attribute that names the day on which each month begins, if one does. */
  Optional<String> namesDay() {
    return from().filter(BillingDay::isNamed).filter(day -> isMonth()).map(BillingDay::attribute);
  }

  @Override
  public long windowMicros() {
    return value(LimitField.WINDOW, Window.Span.class).orElseThrow().micros();
  }

  @Override
  public long holdMicros() {
    return value(LimitField.HOLD, Long.class).orElseThrow();
  }

  private <T> Optional<T> value(LimitField field, Class<T> type) {
    return Optional.<Located<?>>ofNullable(given.get(field)).map(Located::value).map(type::cast);
  }
}
