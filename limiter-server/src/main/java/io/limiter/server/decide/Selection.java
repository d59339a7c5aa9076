package io.limiter.server.decide;

import io.limiter.server.key.CounterKeys;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.key.ValueHash;
import io.limiter.server.rules.BadAttributeException;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.Match;
import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.Rule;
import io.limiter.server.rules.Rules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Counters, by what a question about them would say.
 *
 * @param rules the names of the rules whose counters are meant, each of which must apply; empty for
 *     every rule that applies. A name behind {@code ~} is that of callers' own rules, whose keys
 *     are exactly these attributes
 * @param work how many counters whoever asks may
 */
public record Selection(
    String domain, Map<String, String> attributes, List<String> rules, Request.Work work) {

  public Selection {
    rules = List.copyOf(rules);
  }

  /** Of whoever may ask any number of counters. */
  public Selection(String domain, Map<String, String> attributes, List<String> rules) {
    this(domain, attributes, rules, Request.Work.UNBOUNDED);
  }

  /**
   * The keys of the counters, and of what is kept beside them: what their upstreams admit, their
   * holds, and who is active in those that are shared.
   *
   * @param values how secrets among attributes are hashed
   * @throws DecisionException if a name is that of no rule that applies
   */
  List<String> counters(Rules table, ValueHash values) {
    List<String> keys = new ArrayList<>();
    List<String> ofDomain = new ArrayList<>();
    for (String rule : rules) {
      if (rule.startsWith("~")) {
        keys.addAll(CounterKeys.inline(domain, rule.substring(1), attributes));
      } else {
        ofDomain.add(rule);
      }
    }
    if (keys.isEmpty() || !ofDomain.isEmpty()) {
      Match match = match(table);
      List<Rule> selected = selected(match.rules(), ofDomain);
      addCounters(keys, values, match, selected);
      ValueHash before = values.before();
      if (before != null) {
        addCounters(keys, before, match, secret(selected));
      }
    }
    return keys;
  }

  /** The rules whose counters have other keys under another secret. */
  private static List<Rule> secret(List<Rule> rules) {
    return rules.stream().filter(rule -> rule.keying().hash()).toList();
  }

  private void addCounters(List<String> keys, ValueHash values, Match match, List<Rule> selected) {
    List<String> counters = keys(values, match, selected);
    keys.addAll(counters);
    for (int i = 0; i < counters.size(); i++) {
      if (selected.get(i).learns()) {
        keys.add(RecordKeys.learned(counters.get(i)));
      }
      if (selected.get(i).holding() != null) {
        keys.addAll(RecordKeys.book(counters.get(i)));
      }
      if (selected.get(i).isShared()) {
        keys.add(RecordKeys.sharers(counters.get(i)));
      }
    }
  }

  /**
   * The keys of the counters of rules that learn and count a unit.
   *
   * @param values how secrets among attributes are hashed
   * @throws DecisionException if a name is that of no such rule
   */
  List<String> learning(Rules table, ValueHash values, String unit) {
    Match match = match(table);
    Predicate<Rule> meant = rule -> rule.learns() && rule.unit().equals(unit);
    List<Rule> selected = selected(match.rules(), rules);
    for (int i = 0; i < rules.size(); i++) {
      String name = rules.get(i);
      if (selected.stream().noneMatch(rule -> rule.name().equals(name) && meant.test(rule))) {
        throw DecisionException.invalid(
            "rules[" + i + "]",
            "rules[%d] %s does not learn, or counts another unit than %s; write learn: true into the rule, and say its unit"
                .formatted(i, Quoted.text(name), unit.isEmpty() ? "requests" : Quoted.text(unit)));
      }
    }
    List<Rule> learning = selected.stream().filter(meant).toList();
    List<String> keys = new ArrayList<>(keys(values, match, learning));
    ValueHash before = values.before();
    if (before != null) {
      keys.addAll(keys(before, match, secret(learning)));
    }
    return keys;
  }

  /**
   * The rules of a domain that apply to attributes; none if the domain is unknown.
   *
   * @throws DecisionException if the domain is made of descriptors, or a rule needs another
   *     attribute
   */
  static Match match(Domain domain, String name, Map<String, String> attributes) {
    if (domain instanceof Domain.OfRules rules) {
      return match(rules, attributes);
    }
    if (domain instanceof Domain.OfDescriptors) {
      throw DecisionException.invalid(
          "domain",
          ("domain %s is made of descriptors, whose entries have an order that attributes lack;"
                  + " ask envoy.service.ratelimit.v3.RateLimitService, or use a domain of rules")
              .formatted(Quoted.text(name)));
    }
    return Match.NONE;
  }

  static Match match(Domain.OfRules rules, Map<String, String> attributes) {
    try {
      return rules.match(attributes);
    } catch (BadAttributeException bad) {
      String field = "attributes[" + Quoted.name(bad.attribute()) + "]";
      throw DecisionException.invalid(field, field + " " + bad.getMessage());
    }
  }

  /** A rule applies only to a request that has every attribute of its key. */
  static List<Rule> applying(List<Rule> inline, Map<String, String> attributes) {
    for (Rule rule : inline) {
      if (!attributes.keySet().containsAll(rule.key())) {
        return inline.stream()
            .filter(other -> attributes.keySet().containsAll(other.key()))
            .toList();
      }
    }
    return inline;
  }

  /**
   * Its attributes for others to read. A value is shown where keys show it too, and is not long;
   * else by its hash, as keys have that.
   */
  Map<String, String> readable(Rules table, ValueHash values) {
    Set<String> shown = shown(table);
    Map<String, String> readable = new HashMap<>();
    attributes.forEach(
        (name, value) ->
            readable.put(
                name,
                shown.contains(name) && value.length() <= CounterKeys.LONGEST_VALUE
                    ? value
                    : values.inPlaceOf(value)));
    return readable;
  }

  /** The attributes whose values stand in keys as they are, and in none as a hash. */
  private Set<String> shown(Rules table) {
    Set<String> shown = new HashSet<>();
    Set<String> hidden = new HashSet<>();
    try {
      for (Rule rule : match(table).rules()) {
        (rule.keying().hash() ? hidden : shown).addAll(rule.key());
      }
    } catch (DecisionException nothingApplies) {
      return Set.of();
    }
    shown.removeAll(hidden);
    return shown;
  }

  private Match match(Rules table) {
    return match(table.domain(domain), domain, attributes);
  }

  private List<String> keys(ValueHash values, Match match, List<Rule> selected) {
    return CounterKeys.counters(values, domain, match.partition(), selected, attributes);
  }

  private List<Rule> selected(List<Rule> applying, List<String> names) {
    if (names.isEmpty()) {
      return applying;
    }
    for (String name : names) {
      if (applying.stream().noneMatch(rule -> rule.name().equals(name))) {
        int i = rules.indexOf(name);
        throw DecisionException.invalid(
            "rules[" + i + "]",
            ("rules[%d] %s is no rule of domain %s that applies to these attributes;"
                    + " name one that does, and pass every attribute in its key")
                .formatted(i, Quoted.text(name), Quoted.text(domain)));
      }
    }
    return applying.stream().filter(rule -> names.contains(rule.name())).toList();
  }
}
