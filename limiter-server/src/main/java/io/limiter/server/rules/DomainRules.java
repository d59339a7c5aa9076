package io.limiter.server.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One domain's rules, compiled for matching. Immutable; safe to share between threads. */
final class DomainRules implements Domain {
  private final String domain;
  private final String file;
  private final List<String> partition;
  private final List<WhenIndex.Entry<CompiledRule>> rules;
  private final WhenIndex<CompiledRule> index;
  private final RuleMatches[] alone;
  private final Match nothing;

  /**
   * The rules of a domain.
   *
   * @param file where they are written
   */
  DomainRules(
      String domain,
      String file,
      List<String> partition,
      List<WhenIndex.Entry<CompiledRule>> rules) {
    this.domain = domain;
    this.file = file;
    this.partition = List.copyOf(partition);
    this.rules = List.copyOf(rules);
    this.index = new WhenIndex<>(rules.stream().filter(rule -> rule.value().everCounts()).toList());
    this.nothing = new Match(true, this.partition, List.of());
    this.alone =
        index.entries().stream()
            .map(rule -> new RuleMatches(rule.value(), this::match))
            .toArray(RuleMatches[]::new);
  }

  @Override
  public String domain() {
    return domain;
  }

  @Override
  public String file() {
    return file;
  }

  @Override
  public int ruleCount() {
    return rules.size();
  }

  /** All rules, those that are off included, in the file's order, with what they apply to. */
  List<WhenIndex.Entry<CompiledRule>> rules() {
    return rules;
  }

  Match match(Map<String, String> attributes) {
    Search search = index.search(attributes);
    if (search.foundNone()) {
      return nothing;
    }
    if (search.foundOne()) {
      return alone[search.first()].match(attributes);
    }
    List<Rule> counted = new ArrayList<>();
    for (int place : search.all()) {
      counted.addAll(alone[place].match(attributes).rules());
    }
    return match(counted);
  }

  private Match match(List<Rule> counted) {
    return counted.isEmpty() ? nothing : new Match(true, partition, counted);
  }
}
