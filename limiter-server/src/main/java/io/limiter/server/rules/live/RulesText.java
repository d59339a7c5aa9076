package io.limiter.server.rules.live;

import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.table.RuleTable;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Rules as people are told of them: in logs, by commands and by {@code /readyz}. */
public final class RulesText {
  private RulesText() {}

  /**
   * The domains, how many rules each has, and the profiles and the prices in use, if there are any:
   * {@code ai (4 rules), edge (1 rule); profile web; prices models}.
   */
  public static String summary(RuleTable table) {
    String domains =
        table.domains().isEmpty()
            ? "no domain"
            : table.domains().stream()
                .sorted()
                .map(domain -> "%s (%s)".formatted(domain, count(table.ruleCount(domain), "rule")))
                .collect(Collectors.joining(", "));
    return domains + also("profile", table.profiles().names()) + also("prices", prices(table));
  }

  private static Set<String> prices(RuleTable table) {
    return table.domains().stream()
        .flatMap(domain -> table.prices(domain).stream())
        .map(PriceList::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String also(String what, Set<String> names) {
    boolean isPlural = names.size() > 1 && !what.endsWith("s");
    return names.isEmpty()
        ? ""
        : "; %s%s %s".formatted(what, isPlural ? "s" : "", String.join(", ", names));
  }

  /**
   * How many domains are in force and, where the last attempt to change them failed, since when.
   */
  public static String status(RulesState state) {
    String domains = count(state.inForce().domains().size(), "domain");
    int problems = state.lastAttempt().problems().size();
    return problems == 0
        ? domains
        : "%s, as loaded at %s; %s since, see /rules"
            .formatted(domains, state.inForce().since(), count(problems, "problem"));
  }

  /** A number and a noun: {@code 1 rule}, {@code 2 rules}. */
  public static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
