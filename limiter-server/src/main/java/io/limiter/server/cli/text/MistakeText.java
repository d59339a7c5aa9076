package io.limiter.server.cli.text;

import io.limiter.server.rules.Suggestion;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.RuleStatus;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a question probably got wrong, although the service answered it. */
public final class MistakeText {
  private MistakeText() {}

  /**
   * A domain that has no rules.
   *
   * @param happened what became of the question: {@code admitted unchecked}
   * @param nearest the known domain that may be meant; empty if none is near
   */
  public static String unknownDomain(
      String happened, String domain, String target, String nearest) {
    return "%s: domain \"%s\" is unknown to %s; %s"
        .formatted(
            happened,
            domain,
            target,
            nearest.isEmpty()
                ? "see \"limiter rules\" for those that it knows"
                : "did you mean %s?".formatted(nearest));
  }

  /** One text for each unit that no rule counts which applied: nobody was charged for it. */
  public static List<String> uncountedUnits(Set<String> units, CheckAndConsumeResponse answer) {
    Set<String> counted =
        answer.getStatusesList().stream()
            .map(RuleStatus::getUnit)
            .filter(unit -> !unit.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
    return units.stream()
        .filter(unit -> !counted.contains(unit))
        .map(unit -> uncounted(unit, counted))
        .toList();
  }

  private static String uncounted(String unit, Set<String> counted) {
    String others =
        counted.isEmpty()
            ? "give --cost for rules that count requests"
            : "those that do count " + Suggestion.oneOf(counted);
    return "unit \"%s\" is counted by no rule that applies; %s"
        .formatted(
            unit,
            Suggestion.nearest(unit, counted).map("did you mean %s?"::formatted).orElse(others));
  }
}
