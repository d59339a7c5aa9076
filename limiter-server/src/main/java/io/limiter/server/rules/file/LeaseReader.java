package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Reads the field {@code lease} of a rule. */
final class LeaseReader {
  static final List<String> FIELDS = List.of("size", "idle");

  /** Half of the limit: with two instances nothing more could be shared. */
  private static final int MOST = Rule.Mode.ALL / 2;

  private static final long LEAST_IDLE_MICROS = 10_000;
  private static final long MOST_IDLE_MICROS = 60_000_000;
  private static final long DEFAULT_IDLE_MICROS = 1_000_000;

  private LeaseReader() {}

  /** The lease; null when there is none or something is wrong with it. */
  static @Nullable LeaseShare read(Fields rule, @Nullable Algorithm algorithm, Problems problems) {
    MappingNode mapping = rule.mapping("lease", "a mapping, such as { size: 1%, idle: 1s }");
    if (mapping == null) {
      return null;
    }
    String refusal = algorithm == null ? null : refusal(algorithm);
    if (refusal != null) {
      problems.add(mapping, refusal);
    }
    Fields fields = new Fields(mapping, FIELDS, problems);
    fields.missing("size", "say how much of the limit an instance may hold, such as 1%");
    Given<Integer> size = fields.read("size", LeaseReader::size);
    Given<Long> idle = fields.read("idle", LeaseReader::idle);
    return size == null
        ? null
        : new LeaseShare(size.value(), Given.valueOr(idle, DEFAULT_IDLE_MICROS));
  }

  /** Whether counters of an algorithm can be charged ahead of need. */
  static boolean takes(Algorithm algorithm) {
    return refusal(algorithm) == null;
  }

  /** Why an algorithm's counters cannot be charged ahead of need, or null where they can. */
  private static @Nullable String refusal(Algorithm algorithm) {
    return switch (algorithm) {
      case FIXED_WINDOW, TOKEN_BUCKET -> null;
      case SLIDING_LOG, SLIDING_COUNTER ->
          ("lease does not belong to %s: what is used later than it was charged would let more than"
                  + " the limit pass in some window; use fixed-window or token-bucket, or remove"
                  + " lease")
              .formatted(algorithm.label());
      case LEAKY_BUCKET ->
          "lease does not belong to leaky-bucket: what is used later than it was charged is no"
              + " longer spaced evenly; use token-bucket, or remove lease";
    };
  }

  private static int size(String text) {
    int points = Syntax.percentage(text);
    if (points < 1 || points > MOST) {
      throw new BadValueException(
          "size \"%s\" is no share of the limit; use 0.01%% to 50%%, such as 1%% or 0.25%%"
              .formatted(text));
    }
    return points;
  }

  private static long idle(String text) {
    long micros = Syntax.duration("idle", text);
    if (micros < LEAST_IDLE_MICROS || micros > MOST_IDLE_MICROS) {
      throw new BadValueException("idle %s is out of range; use 10ms to 1m".formatted(text));
    }
    return micros;
  }
}
