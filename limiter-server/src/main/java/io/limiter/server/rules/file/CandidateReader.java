package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.server.rules.LimitField;
import io.limiter.server.rules.LimitSyntax;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Reads the candidate of a rule or an override: a limit that says only what differs. */
final class CandidateReader {
  static final List<String> FIELDS =
      Stream.of(List.of("algorithm"), LimitField.WORDS).flatMap(List::stream).toList();

  private final Problems problems;
  private final LimitReader limitReader;

  CandidateReader(Problems problems) {
    this.problems = problems;
    this.limitReader = new LimitReader(problems);
  }

  /**
   * The candidate's limit; empty when there is none or something is wrong with it.
   *
   * @param fields of the rule or override that it stands in
   * @param algorithm of the rule, if it is known
   * @param live the limit that it stands beside, if it is known
   * @param numbers what {@code live} was made of
   * @param tariff what the rule is charged
   * @param mode whether the rule counts anything at all
   */
  Optional<Limit> read(
      Fields fields,
      Optional<Algorithm> algorithm,
      Optional<Limit> live,
      Numbers numbers,
      Tariff tariff,
      ModeField mode) {
    return fields
        .mapping("candidate", "a mapping of what differs" + example(algorithm))
        .flatMap(mapping -> read(mapping, algorithm, live, numbers, tariff, mode));
  }

  private static String example(Optional<Algorithm> algorithm) {
    return algorithm
        .map(known -> LimitSyntax.of(known).required().get(0))
        .map(field -> ", such as { %s: %s }".formatted(field.word(), field.example()))
        .orElse("");
  }

  private Optional<Limit> read(
      MappingNode mapping,
      Optional<Algorithm> algorithm,
      Optional<Limit> live,
      Numbers numbers,
      Tariff tariff,
      ModeField mode) {
    int problemsBefore = problems.count();
    Fields own = new Fields(mapping, FIELDS, problems);
    Optional<Algorithm> tried =
        own.choice("algorithm", RuleShape.ALGORITHMS).map(Located::value).or(() -> algorithm);
    Numbers given = Numbers.read(own, tried, problems);
    if (own.get("from").isPresent()
        && (given.orElse(numbers).namesDay().isPresent() || numbers.namesDay().isPresent())) {
      problems.add(
          given.at(LimitField.FROM).orElse(mapping),
          "from of a candidate is that of its rule where an attribute names the day; remove it");
    }
    if (mode == ModeField.OFF) {
      problems.add(mapping, "candidate is never tried, since mode is off; remove one of them");
    }
    if (tried.isEmpty() || live.isEmpty() || problems.count() > problemsBefore) {
      return Optional.empty();
    }
    Optional<Limit> limit = limitReader.read(tried.get(), given, numbers, tariff, mapping);
    if (limit.equals(live)) {
      problems.add(mapping, "candidate changes nothing; say what differs, or remove it");
    }
    return limit;
  }
}
