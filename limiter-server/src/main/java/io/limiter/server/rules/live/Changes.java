package io.limiter.server.rules.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which domains differ between two tables, each list sorted. */
record Changes(List<String> added, List<String> changed, List<String> removed) {

  static Changes between(InForce before, InForce after) {
    List<String> added = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    after
        .domains()
        .forEach(
            (domain, origin) -> {
              if (!before.domains().containsKey(domain)) {
                added.add(domain);
              } else if (!origin.equals(before.domains().get(domain))) {
                changed.add(domain);
              }
            });
    Set<String> removed = new TreeSet<>(before.domains().keySet());
    removed.removeAll(after.domains().keySet());
    return new Changes(added, changed, List.copyOf(removed));
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
