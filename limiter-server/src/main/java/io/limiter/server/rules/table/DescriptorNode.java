package io.limiter.server.rules.table;

import io.limiter.server.rules.Descriptor;
import io.limiter.server.rules.RateUnit;
import io.limiter.server.rules.Rule;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
public final class DescriptorNode {
  private static final FirstPrefix<DescriptorNode> NO_WILDCARDS = new FirstPrefix<>(Map.of());

  private final String composite;
  private final int line;
  private final boolean valueToMetric;
  private final boolean shared;
  private final @Nullable DescriptorLimit limit;
  private final Map<String, DescriptorNode> children = new HashMap<>();
  private final Map<String, DescriptorNode> wildcards = new LinkedHashMap<>();
  private FirstPrefix<DescriptorNode> firstWildcard = NO_WILDCARDS;
  private @Nullable Rule rule;

  /**
   * A node.
   *
   * @param composite its key, or its key and value
   * @param line of the file, from 1
   * @param valueToMetric whether metrics name the value of a request where this names none
   * @param shared whether the values of this wildcard are counted together
   * @param limit null for a level on the way, and for an entry of an allow list
   */
  public DescriptorNode(
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
  public static DescriptorNode top() {
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
  public boolean add(DescriptorNode child) {
    if (children.putIfAbsent(child.composite, child) != null) {
      return false;
    }
    if (child.isWildcard()) {
      wildcards.put(child.stem(), child);
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
    DescriptorNode wildcard = firstWildcard.of(wanted);
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

  /** Whether metrics name the entry that was found here by its value. */
  boolean namesValue(Descriptor.Entry entry, Found found) {
    return valueToMetric && !shared && found != Found.EXACT && !entry.value().isEmpty();
  }

  /** How metrics name the entry that was found here. */
  String metricName(Descriptor.Entry entry, Found found) {
    return namesValue(entry, found) ? entry.key() + '_' + entry.value() : composite;
  }

  /** The limit as a rule, named as the way here is written in the file; null if it has no rule. */
  @Nullable Rule rule() {
    return rule;
  }

  /**
   * Prepares this and all below for requests. Nothing is added after.
   *
   * @param above how metrics name the way to here, with a dot at its end; empty at the top
   */
  void finish(String above) {
    RateUnit unit = limit == null ? null : limit.unit();
    if (limit != null && unit != null) {
      rule = Rule.perUnit(above + composite, unit, limit.requestsPerUnit(), limit.mode());
    }
    firstWildcard = wildcards.isEmpty() ? NO_WILDCARDS : new FirstPrefix<>(wildcards);
    String here = composite.isEmpty() ? "" : above + composite + '.';
    children.values().forEach(child -> child.finish(here));
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
