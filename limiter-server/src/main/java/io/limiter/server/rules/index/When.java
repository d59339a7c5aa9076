package io.limiter.server.rules.index;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests that a rule or an override applies to: those that meet every condition.
 *
 * @param conditions at most one for each attribute
 */
public record When(List<Condition> conditions) {
  /** Every request. */
  public static final When ALWAYS = new When(List.of());

  public When {
    conditions = List.copyOf(conditions);
  }

  /**
   * These conditions, and that all {@code attributes} are there.
   *
   * @param presence the conditions of presence so far, by attribute, to be shared
   */
  public When andPresent(List<String> attributes, Map<String, Condition> presence) {
    Map<String, Condition> all = new LinkedHashMap<>();
    conditions.forEach(condition -> all.put(condition.attribute(), condition));
    for (String attribute : attributes) {
      Condition before = all.get(attribute);
      all.put(
          attribute,
          before == null
              ? presence.computeIfAbsent(attribute, Condition::present)
              : before.andPresent());
    }
    return new When(List.copyOf(all.values()));
  }

  public boolean matches(Map<String, String> attributes) {
    for (Condition condition : conditions) {
      if (!condition.matches(attributes.get(condition.attribute()))) {
        return false;
      }
    }
    return true;
  }
}
