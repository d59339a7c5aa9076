package io.limiter.server.rules.index;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A node of a {@link WhenIndex}: pointers for every request, and branches for the values of some
 * attributes. Immutable.
 */
final class WhenNode {
  private final long[] always;
  private final String[] attributes;
  private final PatternIndex[] branches;
  private final Map<String, PatternIndex> byAttribute;

  /**
   * A node.
   *
   * @param always the {@link Pointer pointers} for every request
   * @param byAttribute the pointers for values of these attributes
   */
  WhenNode(long[] always, Map<String, PatternIndex> byAttribute) {
    Map<String, PatternIndex> sorted = new TreeMap<>(byAttribute);
    this.always = always.clone();
    this.attributes = sorted.keySet().toArray(new String[0]);
    this.branches = sorted.values().toArray(new PatternIndex[0]);
    this.byAttribute = new HashMap<>(byAttribute);
  }

  /** Shows the search every pointer that the request's attributes lead to. */
  void visit(Map<String, String> request, Search search) {
    for (long pointer : always) {
      search.test(pointer);
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
