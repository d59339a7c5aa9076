package io.limiter.testing.history;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the check of a history came to.
 *
 * @param violations what nothing explains; empty if all is well
 * @param answers how many answers there were, by who gave them
 * @param judged answers of Redis of which it is known in which life of its data they were given
 * @param unjudged those of which it is not, since they overlap with its end
 * @param lost what Redis admitted over its limits since it lost what it had charged, and the most
 *     of any counter
 */
public record Verdict(
    List<Violation> violations,
    Map<Event.By, Long> answers,
    long judged,
    long unjudged,
    Map<String, Long> lost) {

  /** Whether every admission is explained. */
  public boolean isExplained() {
    return violations.isEmpty();
  }

  /** The figures in one line. */
  public String figures() {
    return "%s; of Redis %d judged and %d not; stated losses %s"
        .formatted(answers, judged, unjudged, lost.isEmpty() ? "none" : lost);
  }

  /** The figures, and then each violation as a story. */
  @Override
  public String toString() {
    return figures()
        + System.lineSeparator()
        + violations.stream().map(Violation::toString).collect(Collectors.joining());
  }
}
