package io.limiter.server.rules.table;

import io.limiter.server.rules.index.WildcardIndex;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The wildcards of one level, of which the first in the order of the file counts. Those with one
 * star at their end, which most are, have an index of their own. Immutable.
 */
final class Wildcards {
  private static final Wildcards NONE = new Wildcards(List.of());

  private final List<DescriptorNode> nodes;
  private final PrefixIndex<Integer> stems;
  private final WildcardIndex others;

  private Wildcards(List<DescriptorNode> nodes) {
    this.nodes = nodes;
    Map<String, Integer> byStem = new LinkedHashMap<>();
    Map<String, Integer> byPattern = new LinkedHashMap<>();
    for (int place = 0; place < nodes.size(); place++) {
      String composite = nodes.get(place).composite();
      int last = composite.length() - 1;
      if (composite.indexOf('*') == last) {
        byStem.put(composite.substring(0, last), place);
      } else {
        byPattern.put(composite, place);
      }
    }
    this.stems = new PrefixIndex<>(byStem);
    this.others = new WildcardIndex(byPattern);
  }

  /** These, in the order of the file. */
  static Wildcards of(List<DescriptorNode> nodes) {
    return nodes.isEmpty() ? NONE : new Wildcards(List.copyOf(nodes));
  }

  /** The first that {@code composite} matches; null for none. */
  @Nullable DescriptorNode first(String composite) {
    if (nodes.isEmpty()) {
      return null;
    }
    Integer stem = stems.first(composite);
    int place = others.first(composite, stem == null ? nodes.size() : stem);
    return place == nodes.size() ? null : nodes.get(place);
  }
}
