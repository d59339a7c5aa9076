package io.limiter.server.rules.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which domains and profiles differ between two tables, each list sorted, domains first. */
record Changes(List<String> added, List<String> changed, List<String> removed) {

  static Changes between(InForce before, InForce after) {
    Changes changes = new Changes(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    changes.add("", before.domains(), after.domains());
    changes.add("profile ", before.profiles(), after.profiles());
    return changes;
  }

  private void add(
      String what, Map<String, InForce.Origin> before, Map<String, InForce.Origin> after) {
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
