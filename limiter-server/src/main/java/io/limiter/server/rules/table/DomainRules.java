package io.limiter.server.rules.table;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Explanation;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Tariff;
import io.limiter.server.rules.index.Search;
import io.limiter.server.rules.index.WhenIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One domain's rules, compiled for matching. Immutable; safe to share between threads. */
public final class DomainRules extends Domain.OfRules {
  private final String name;
  private final String file;
  private final List<String> partition;
  private final List<WhenIndex.Entry<CompiledRule>> rules;
  private final List<PriceList> prices;
  private final WhenIndex<CompiledRule> index;

  /** The match where a rule applies alone, made at load; null if that depends on the request. */
  private final @Nullable Match[] alone;

  /** The same for those where it does; null for the others. */
  private final @Nullable RuleMatches[] depending;

  private final Match nothing;

  /**
   * The rules of a domain.
   *
   * @param file where they are written
   */
  public DomainRules(
      String name, String file, List<String> partition, List<WhenIndex.Entry<CompiledRule>> rules) {
    this(name, file, partition, rules, List.of());
  }

  private DomainRules(
      String name,
      String file,
      List<String> partition,
      List<WhenIndex.Entry<CompiledRule>> rules,
      List<PriceList> prices) {
    this.name = name;
    this.file = file;
    this.partition = List.copyOf(partition);
    this.rules = List.copyOf(rules);
    this.prices = List.copyOf(prices);
    this.index = new WhenIndex<>(rules.stream().filter(rule -> rule.value().everCounts()).toList());
    this.nothing = new Match(this.partition, List.of());
    List<WhenIndex.Entry<CompiledRule>> entries = index.entries();
    this.alone = new Match[entries.size()];
    this.depending = new RuleMatches[entries.size()];
    for (int place = 0; place < entries.size(); place++) {
      CompiledRule rule = entries.get(place).value();
      if (rule.isFixed()) {
        alone[place] = match(rule.effect().rules());
      } else {
        depending[place] = new RuleMatches(rule, this::match);
      }
    }
  }

  /**
   * The same domain, whose rules are charged by these lists where they name them.
   *
   * @param lists all that its rules name, by their names
   */
  public DomainRules chargedBy(Map<String, PriceList> lists) {
    List<WhenIndex.Entry<CompiledRule>> charged =
        rules.stream()
            .map(
                entry ->
                    new WhenIndex.Entry<>(
                        entry.ordinal(),
                        entry.when(),
                        entry.value().with(rule -> chargedBy(lists, rule))))
            .toList();
    return new DomainRules(name, file, partition, charged, List.copyOf(lists.values()));
  }

  private static Rule chargedBy(Map<String, PriceList> lists, Rule rule) {
    PriceList named = rule.tariff().prices();
    return named == null
        ? rule
        : rule.charging(
            new Tariff(rule.unit(), Objects.requireNonNull(lists.get(named.name()), named.name())));
  }

  /** The lists of prices that its rules are charged by. */
  public List<PriceList> prices() {
    return prices;
  }

  @Override
  public String name() {
    return name;
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
  public boolean defines(String rule) {
    return true;
  }

  @Override
  public Explanation.OfRules explain(List<Descriptor.Entry> entries) {
    return DomainExplainer.explain(this, entries);
  }

  @Override
  public Match match(Map<String, String> attributes) {
    Search search = index.search(attributes);
    if (search.foundNone()) {
      return nothing;
    }
    if (search.foundOne()) {
      return match(search.first(), attributes);
    }
    List<Rule> counted = new ArrayList<>();
    for (int place : search.all()) {
      counted.addAll(match(place, attributes).rules());
    }
    return match(counted);
  }

  private Match match(int place, Map<String, String> attributes) {
    Match match = alone[place];
    RuleMatches choice = match == null ? depending[place] : null;
    return choice == null ? Objects.requireNonNull(match) : choice.match(attributes);
  }

  private Match match(List<Rule> counted) {
    return counted.isEmpty() ? nothing : new Match(partition, counted);
  }
}
