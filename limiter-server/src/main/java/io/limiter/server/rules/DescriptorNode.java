package io.limiter.server.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor of a configuration with those nested in it, or the top of a domain.
 *
 * <p>Filed by their composites, {@code key_value} or {@code key}, as texts: a key {@code a} with a
 * value {@code b_c} and a key {@code a_b} with a value {@code c} are the same. So it is with the
 * service whose configurations these are, and users have keys with underscores.
 *
 * <p>Built by one thread, then never changed.
 */
final class DescriptorNode {
  private final String composite;
  private final int line;
  private final boolean valueToMetric;
  private final boolean shared;
  private final @Nullable DescriptorLimit limit;
  private final Map<String, DescriptorNode> children = new HashMap<>();
  private final List<DescriptorNode> wildcards = new ArrayList<>();

  /**
   * A node.
   *
   * @param composite its key, or its key and value
   * @param line of the file, from 1
   * @param valueToMetric whether metrics name the value of a request where this names none
   * @param shared whether the values of this wildcard are counted together
   * @param limit null for a level on the way, and for an entry of an allow list
   */
  DescriptorNode(
      String composite,
      int line,
      boolean valueToMetric,
      boolean shared,
      @Nullable DescriptorLimit limit) {
    this.composite = composite;
    this.line = line;
    this.valueToMetric = valueToMetric;
    this.shared = shared;
    this.limit = limit;
  }

  /** The top of a domain. */
  static DescriptorNode top() {
    return new DescriptorNode("", /* line= */ 1, false, false, null);
  }

  /** How a node found its way to a request's entry. */
  enum Found {
    EXACT,
    WILDCARD,
    BARE_KEY
  }

  /** What was found for an entry, and how. */
  record Step(DescriptorNode node, Found found) {}

  /** Files a descriptor below this one; false if there is one of that composite already. */
  boolean add(DescriptorNode child) {
    if (children.putIfAbsent(child.composite, child) != null) {
      return false;
    }
    if (child.isWildcard()) {
      wildcards.add(child);
    }
    return true;
  }

  /** The descriptor for an entry: of its key and value, then of a wildcard, then of its key. */
  @Nullable Step next(Descriptor.Entry entry) {
    if (children.isEmpty()) {
      return null;
    }
    String wanted = entry.key() + '_' + entry.value();
    DescriptorNode exact = children.get(wanted);
    if (exact != null) {
      return new Step(exact, Found.EXACT);
    }
    for (DescriptorNode wildcard : wildcards) {
      if (wanted.startsWith(wildcard.stem())) {
        return new Step(wildcard, Found.WILDCARD);
      }
    }
    DescriptorNode bare = children.get(entry.key());
    return bare == null ? null : new Step(bare, Found.BARE_KEY);
  }

  /** Its key, or its key and value, as they are filed. */
  String composite() {
    return composite;
  }

  int line() {
    return line;
  }

  boolean isWildcard() {
    return composite.endsWith("*");
  }

  private String stem() {
    return composite.substring(0, composite.length() - 1);
  }

  boolean isLeaf() {
    return children.isEmpty();
  }

  boolean shared() {
    return shared;
  }

  @Nullable DescriptorLimit limit() {
    return limit;
  }

  /** The part of a composite of {@code key} that is its value. */
  String valueAfter(String key) {
    String start = key + '_';
    return composite.startsWith(start) ? composite.substring(start.length()) : composite;
  }

  /** How metrics name the entry that was found here. */
  String metricName(Descriptor.Entry entry, Found found) {
    boolean runtime = valueToMetric && !shared && found != Found.EXACT && !entry.value().isEmpty();
    return runtime ? entry.key() + '_' + entry.value() : composite;
  }

  /** Adds what metrics call the limits here and below where no value of a request is named. */
  void addNames(String above, Set<String> names) {
    String name = above + composite;
    if (limit != null) {
      names.add(name);
    }
    for (DescriptorNode child : children.values()) {
      child.addNames(name.isEmpty() ? "" : name + '.', names);
    }
  }

  /** How many limits there are here and below. */
  int limits() {
    int count = limit == null ? 0 : 1;
    for (DescriptorNode child : children.values()) {
      count += child.limits();
    }
    return count;
  }
}
