package io.limiter.server.rules.file;

import io.limiter.algorithm.Algorithm;
import io.limiter.algorithm.Limit;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Given;
import io.limiter.server.rules.yaml.Problems;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/** Reads the candidate of a rule or an override: a limit that says only what differs. */
final class CandidateReader {
  static final List<String> FIELDS =
      Stream.of(List.of("algorithm"), Numbers.FIELDS).flatMap(List::stream).toList();

  private final Problems problems;
  private final LimitReader limitReader;

  CandidateReader(Problems problems) {
    this.problems = problems;
    this.limitReader = new LimitReader(problems);
  }

  /**
   * The candidate's limit; null when there is none or something is wrong with it.
   *
   * @param fields of the rule or override that it stands in
   * @param live the limit that it stands beside; null when that is not known
   * @param numbers what {@code live} was made of
   * @param standing whether the rule counts anything at all
   */
  @Nullable Limit read(
      Fields fields,
      @Nullable Algorithm algorithm,
      @Nullable Limit live,
      Numbers numbers,
      Standing standing) {
    MappingNode mapping = fields.mapping("candidate", "a mapping, such as { rate: 50/s }");
    if (mapping == null) {
      return null;
    }
    int problemsBefore = problems.count();
    Fields own = new Fields(mapping, FIELDS, problems);
    Given<Algorithm> other = own.choice("algorithm", RuleShape.ALGORITHMS);
    Algorithm tried = other == null ? algorithm : other.value();
    Numbers given = Numbers.read(own, tried, problems);
    if (standing == Standing.OFF) {
      problems.add(mapping, "candidate is never tried, since mode is off; remove one of them");
    }
    if (tried == null || live == null || problems.count() > problemsBefore) {
      return null;
    }
    Limit limit = limitReader.read(tried, given, numbers, mapping);
    if (limit != null && limit.equals(live)) {
      problems.add(mapping, "candidate changes nothing; say what differs, or remove it");
    }
    return limit;
  }
}
