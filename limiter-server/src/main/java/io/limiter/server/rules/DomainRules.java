package io.limiter.server.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One domain's rules, compiled for matching. Immutable; safe to share between threads. */
final class DomainRules implements Domain {
  private final String domain;
  private final String file;
  private final List<String> partition;
  private final List<WhenIndex.Entry<CompiledRule>> rules;
  private final WhenIndex<Prepared> index;
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
    this.index =
        new WhenIndex<>(
            rules.stream()
                .filter(rule -> rule.value().everCounts())
                .map(rule -> prepared(rule, this.partition))
                .toList());
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

  @Override
  public boolean names(String rule) {
    return true;
  }

  /**
   * A rule, and the match of a request that it alone applies to, if every request gets the same of
   * it.
   */
  private record Prepared(CompiledRule rule, @Nullable Match alone) {}

  private static WhenIndex.Entry<Prepared> prepared(
      WhenIndex.Entry<CompiledRule> entry, List<String> partition) {
    CompiledRule rule = entry.value();
    Match alone = null;
    if (rule.overrides().isEmpty()) {
      List<Rule> counted = new ArrayList<>(2);
      add(rule.effect(), counted);
      alone = new Match(true, partition, counted);
    }
    return new WhenIndex.Entry<>(entry.ordinal(), entry.when(), new Prepared(rule, alone));
  }

  Match match(Map<String, String> attributes) {
    List<WhenIndex.Entry<Prepared>> candidates = index.candidates(attributes);
    if (candidates.size() == 1) {
      WhenIndex.Entry<Prepared> only = candidates.get(0);
      Match alone = only.value().alone();
      if (alone != null) {
        return only.matches(attributes) ? alone : nothing;
      }
    }
    List<Rule> counted = new ArrayList<>(candidates.size());
    for (WhenIndex.Entry<Prepared> entry : candidates) {
      if (entry.matches(attributes)) {
        add(entry.value().rule().effect(attributes), counted);
      }
    }
    return counted.isEmpty() ? nothing : new Match(true, partition, counted);
  }

  private static void add(Effect effect, List<Rule> counted) {
    if (effect instanceof Effect.Counted found) {
      counted.add(found.rule());
      Rule candidate = found.candidate();
      if (candidate != null) {
        counted.add(candidate);
      }
    }
  }
}
