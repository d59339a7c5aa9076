package io.limiter.server.rules.index;

import java.util.Map;
import java.util.TreeMap;

/**
 * One step of the way through a {@link WhenIndex}: what is here in any case, and where the values
 * of some attributes lead. Immutable.
 */
final class WhenNode {
  private final long[] here;
  private final String[] attributes;
  private final PatternIndex[] branches;
  private final Map<String, PatternIndex> byAttribute;

  /**
   * A node.
   *
   * @param here the {@link Target targets} for every request
   * @param byAttribute the targets for values of these attributes
   */
  WhenNode(long[] here, Map<String, PatternIndex> byAttribute) {
    Map<String, PatternIndex> sorted = new TreeMap<>(byAttribute);
    this.here = here.clone();
    this.attributes = sorted.keySet().toArray(new String[0]);
    this.branches = sorted.values().toArray(new PatternIndex[0]);
    this.byAttribute = Map.copyOf(byAttribute);
  }

  /** Shows the search every target that the request's attributes lead to. */
  void visit(Map<String, String> request, Search search) {
    for (long target : here) {
      search.test(target);
    }
    if (attributes.length <= request.size()) {
      for (int i = 0; i < attributes.length; i++) {
        String value = request.get(attributes[i]);
        if (value != null) {
          branches[i].any(value, search);
        }
      }
    } else {
      request.forEach(
          (attribute, value) -> {
            PatternIndex branch = byAttribute.get(attribute);
            if (branch != null) {
              branch.any(value, search);
            }
          });
    }
  }
}
