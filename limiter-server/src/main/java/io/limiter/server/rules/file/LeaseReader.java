package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.server.rules.LimitSyntax;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.BadValueException;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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

  /**
   * The lease; empty when there is none or something is wrong with it.
   *
   * @param algorithm of the rule, if it is known
   */
  static Optional<LeaseShare> read(Fields rule, Optional<Algorithm> algorithm, Problems problems) {
    return rule.mapping("lease", "a mapping, such as { size: 1%, idle: 1s }")
        .flatMap(mapping -> read(mapping, algorithm, problems));
  }

  private static Optional<LeaseShare> read(
      MappingNode mapping, Optional<Algorithm> algorithm, Problems problems) {
    algorithm
        .flatMap(known -> LimitSyntax.of(known).leaseRefusal())
        .ifPresent(refusal -> problems.add(mapping, refusal));
    Fields fields = new Fields(mapping, FIELDS, problems);
    fields.missing("size", "say how much of the limit an instance may hold, such as 1%");
    var size = fields.read("size", LeaseReader::size);
    long idle = fields.readOr("idle", LeaseReader::idle, DEFAULT_IDLE_MICROS);
    return size.map(share -> new LeaseShare(share.value(), idle));
  }

  private static int size(String text) {
    OptionalInt points = Syntax.basisPoints(text);
    if (points.isEmpty() || points.getAsInt() < 1 || points.getAsInt() > MOST) {
      throw new BadValueException(
          "size \"%s\" is no share of the limit; use 0.01%% to 50%%, such as 1%% or 0.25%%"
              .formatted(text));
    }
    return points.getAsInt();
  }

  private static long idle(String text) {
    long micros = Syntax.duration("idle", text);
    if (micros < LEAST_IDLE_MICROS || micros > MOST_IDLE_MICROS) {
      throw new BadValueException("idle %s is out of range; use 10ms to 1m".formatted(text));
    }
    return micros;
  }
}
