package io.limiter.server.rules;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a set of rules files came to.
 *
 * @param table the domains of the files that are in order
 * @param problems everything that is wrong with the others, file by file in the order of their
 *     names, and from top to bottom
 * @param faultyDomains the domains that files with problems say they are for
 */
public record LoadedRules(RuleTable table, List<Problem> problems, Set<String> faultyDomains) {
  public LoadedRules {
    problems = List.copyOf(problems);
    faultyDomains = Set.copyOf(faultyDomains);
  }

  /**
   * The table to go on with after a change: the files that are in order as they are now, and for
   * each that is not, the domain that it held in {@code previous}, and the one that it says it is
   * for.
   */
  public RuleTable orLastGood(RuleTable previous) {
    Set<String> faulty = problems.stream().map(Problem::file).collect(Collectors.toSet());
    return faulty.isEmpty() ? table : table.withMissing(previous, faulty, faultyDomains);
  }
}
