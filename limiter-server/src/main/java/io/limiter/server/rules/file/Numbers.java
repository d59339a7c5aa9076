package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Window;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Problems;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** The numbers of a limit as far as a rule or an override gives them; null where it does not. */
record Numbers(
    @Nullable Given<Syntax.Rate> rate,
    @Nullable Given<Long> burst,
    @Nullable Given<Long> capacity,
    @Nullable Given<Long> limit,
    @Nullable Given<Window> window,
    @Nullable Given<ZoneId> zone) {

  /** None at all. */
  static final Numbers NONE = new Numbers(null, null, null, null, null, null);

  /** The fields that they are written in. */
  static final List<String> FIELDS =
      List.of("rate", "burst", "capacity", "limit", "window", "zone");

  /** Reads them, and says which do not belong to the algorithm, if that is known. */
  static Numbers read(Fields fields, @Nullable Algorithm algorithm, Problems problems) {
    if (algorithm != null) {
      List<String> belonging = belonging(algorithm);
      for (String field : FIELDS) {
        Node node = fields.get(field);
        if (node != null && !belonging.contains(field)) {
          problems.add(
              node,
              "%s does not belong to %s; it takes %s"
                  .formatted(field, algorithm.label(), String.join(", ", belonging)));
        }
      }
    }
    return new Numbers(
        fields.read("rate", Syntax::rate),
        fields.read("burst", text -> Syntax.count("burst", text)),
        fields.read("capacity", text -> Syntax.count("capacity", text)),
        fields.read("limit", text -> Syntax.count("limit", text)),
        fields.read("window", Syntax::window),
        fields.read("zone", Syntax::zone));
  }

  /** The fields that an algorithm's numbers are given in. */
  static List<String> belonging(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW -> List.of("limit", "window", "zone");
      case SLIDING_LOG, SLIDING_COUNTER -> List.of("limit", "window");
      case TOKEN_BUCKET -> List.of("rate", "burst");
      case LEAKY_BUCKET -> List.of("rate", "capacity");
    };
  }

  /** These numbers, and those of {@code base} where these say nothing. */
  Numbers orElse(Numbers base) {
    return new Numbers(
        rate == null ? base.rate : rate,
        burst == null ? base.burst : burst,
        capacity == null ? base.capacity : capacity,
        limit == null ? base.limit : limit,
        window == null ? base.window : window,
        zone == null ? base.zone : zone);
  }

  /** Where the number is given that {@code parameter} of the algorithm comes from, or null. */
  @Nullable Node at(String parameter) {
    Given<?> found =
        switch (parameter) {
          case "rate", "period" -> rate;
          case "capacity" -> burst != null ? burst : capacity != null ? capacity : rate;
          case "limit" -> limit;
          default -> window;
        };
    return found == null ? null : found.at();
  }

  /** Where they are given, in the order of the fields. */
  List<Node> given() {
    List<Node> nodes = new ArrayList<>();
    Stream.of(rate, burst, capacity, limit, window, zone)
        .forEach(
            number -> {
              if (number != null) {
                nodes.add(number.at());
              }
            });
    return nodes;
  }
}
