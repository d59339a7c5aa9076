package io.limiter.server.rules.table;

import io.limiter.server.key.CounterKeys;
import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.Quoted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor of a configuration with those nested in it, or the top of a domain. Immutable.
 *
 * <p>Filed by their composites, {@code key_value} or {@code key}, as texts: a key {@code a} with a
 * value {@code b_c} and a key {@code a_b} with a value {@code c} are the same. So it is with the
 * service whose configurations these are, and users have keys with underscores.
 */
public final class DescriptorNode {
  /** The longest value that names show as it is, in UTF-16 units. */
  private static final int LONGEST_SHOWN = 256;

  private final String composite;
  private final int line;
  private final boolean valueToMetric;
  private final boolean shared;
  private final DescriptorLimit limit;
  private final Map<String, DescriptorNode> children = new HashMap<>();
  private final Wildcards wildcards;

  /**
   * A node.
   *
   * @param composite its key, or its key and value
   * @param line of the file, from 1
   * @param valueToMetric whether metrics name the value of a request where this names none
   * @param shared whether the values of this wildcard are counted together
   * @param children in the order of the file; of those with one composite, the first counts
   */
  public DescriptorNode(
      String composite,
      int line,
      boolean valueToMetric,
      boolean shared,
      DescriptorLimit limit,
      List<DescriptorNode> children) {
    this.composite = composite;
    this.line = line;
    this.valueToMetric = valueToMetric;
    this.shared = shared;
    this.limit = limit;
    List<DescriptorNode> stars = new ArrayList<>();
    for (DescriptorNode child : children) {
      if (this.children.putIfAbsent(child.composite, child) == null && child.isWildcard()) {
        stars.add(child);
      }
    }
    this.wildcards = Wildcards.of(stars);
  }

  /** The top of a domain. */
  public static DescriptorNode top(List<DescriptorNode> children) {
    return new DescriptorNode(
        "",
        /* line= */ 1,
        /* valueToMetric= */ false,
        /* shared= */ false,
        new DescriptorLimit.None(),
        children);
  }

  /** How a node found its way to a request's entry. */
  enum Found {
    EXACT,
    WILDCARD,
    BARE_KEY
  }

  /** What was found for an entry, and how. */
  record Step(DescriptorNode node, Found found) {}

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
    DescriptorNode wildcard = wildcards.first(wanted);
    if (wildcard != null) {
      return new Step(wildcard, Found.WILDCARD);
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

  private boolean isWildcard() {
    return composite.indexOf('*') >= 0;
  }

  boolean isLeaf() {
    return children.isEmpty();
  }

  boolean shared() {
    return shared;
  }

  DescriptorLimit limit() {
    return limit;
  }

  private boolean isLimited() {
    return !(limit instanceof DescriptorLimit.None);
  }

  /** The part of a composite of {@code key} that is its value. */
  String valueAfter(String key) {
    String start = key + '_';
    return composite.startsWith(start) ? composite.substring(start.length()) : composite;
  }

  /** Whether metrics name the entry that was found here by its value. */
  boolean namesValue(Descriptor.Entry entry, Found found) {
    return valueToMetric && !shared && found != Found.EXACT && !entry.value().isEmpty();
  }

  /** How metrics name the entry that was found here. */
  String metricName(Descriptor.Entry entry, Found found) {
    return namesValue(entry, found) ? entry.key() + '_' + shown(entry.value()) : composite;
  }

  /**
   * A value of a request in a name: it goes into metrics and headers, so it is harmless and short.
   */
  static String shown(String value) {
    return value.length() > LONGEST_SHOWN ? '#' + CounterKeys.digest(value) : Quoted.line(value);
  }

  /** Adds what metrics call the limits here and below where no value of a request is named. */
  void addNames(String above, Set<String> names) {
    String name = above + composite;
    if (isLimited()) {
      names.add(name);
    }
    for (DescriptorNode child : children.values()) {
      child.addNames(name.isEmpty() ? "" : name + '.', names);
    }
  }

  /** How many limits there are here and below. */
  int limits() {
    int count = isLimited() ? 1 : 0;
    for (DescriptorNode child : children.values()) {
      count += child.limits();
    }
    return count;
  }
}
