package io.limiter.server.rules.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Which domains, profiles and prices differ between two tables: sorted, in this order. */
record Changes(List<String> added, List<String> changed, List<String> removed) {

  static Changes between(InForce before, InForce after) {
    Changes changes = new Changes(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    changes.add("", before.domains(), after.domains());
    changes.add("profile ", before.profiles(), after.profiles());
    changes.add("prices ", prices(before), prices(after));
    return changes;
  }

  private static Map<String, List<InForce.Prices>> prices(InForce rules) {
    return rules.prices().stream()
        .collect(Collectors.groupingBy(InForce.Prices::name, TreeMap::new, Collectors.toList()));
  }

  private void add(String what, Map<String, ?> before, Map<String, ?> after) {
    after.forEach(
        (name, origin) -> {
          if (!before.containsKey(name)) {
            added.add(what + name);
          } else if (!origin.equals(before.get(name))) {
            changed.add(what + name);
          }
        });
    before.keySet().stream()
        .filter(name -> !after.containsKey(name))
        .forEach(name -> removed.add(what + name));
  }

  /** {@code added ai; changed edge, web; removed old}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    part(parts, "added", added);
    part(parts, "changed", changed);
    part(parts, "removed", removed);
    return parts.isEmpty() ? "nothing changed" : String.join("; ", parts);
  }

  private static void part(List<String> parts, String verb, List<String> domains) {
    if (!domains.isEmpty()) {
      parts.add(verb + " " + String.join(", ", domains));
    }
  }
}
