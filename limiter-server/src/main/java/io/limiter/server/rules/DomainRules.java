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

  /** The attributes that place all counters of one value in one slot; empty for none. */
  List<String> partition() {
    return partition;
  }

  /** All rules in the order of the file, those that are off included. */
  List<WhenIndex.Entry<CompiledRule>> rules() {
    return rules;
  }

  Match match(Map<String, String> attributes) {
    List<CompiledRule> found = index.all(attributes);
    if (found.isEmpty()) {
      return nothing;
    }
    List<Rule> counted = new ArrayList<>(found.size());
    for (CompiledRule rule : found) {
      if (rule.effect(attributes) instanceof Effect.Counted effect) {
        counted.add(effect.rule());
        Rule candidate = effect.candidate();
        if (candidate != null) {
          counted.add(candidate);
        }
      }
    }
    return new Match(true, partition, counted);
  }
}
